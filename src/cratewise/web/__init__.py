"""The web application: pages, a JSON API, background jobs and live events, on the person's own machine."""
