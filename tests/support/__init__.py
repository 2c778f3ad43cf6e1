"""What several tests share: made corpora and records, servers, clips."""
