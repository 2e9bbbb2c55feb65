"""What every protocol means the same by: code systems, times, absence, vital signs."""
