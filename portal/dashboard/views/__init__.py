"""The pages: each checks a permission, asks one question and renders."""
