"""Results as charts, contact sheets and HTML pages."""
