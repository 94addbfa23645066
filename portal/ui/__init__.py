"""The look: base page, template tags, lists, charts, paging."""
