"""Files: what is kept and can be made anew, sound files read whole, downloads, and C libraries kept silent."""
