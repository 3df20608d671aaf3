"""Many accounts in one program: any number of web processes and workers share one PostgreSQL."""
