"""People, the teams they work in, and what each team may do."""
