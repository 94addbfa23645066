"""The corridor: receive, interpret, plan, translate, deliver, confirm, and failures beside it."""
