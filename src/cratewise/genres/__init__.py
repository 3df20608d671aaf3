"""The listener's genres, and what artist tags and dataset labels mean in them."""
