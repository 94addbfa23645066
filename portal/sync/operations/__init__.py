"""Running an integration by hand and by its daily schedule, and the page that shows what it did."""
