"""serd-base: a pre-trained speech encoder under a head of ours."""
