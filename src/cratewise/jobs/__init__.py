"""Work that takes a while, beside the pages: ordered, watched, stopped, and gone on with after a restart."""
