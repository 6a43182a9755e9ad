"""What the pages in the web UI show: read from the store and the trials' files, bounded, never written to."""
