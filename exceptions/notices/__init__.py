"""Telling people of cases: mail at once and once a day, chat tools, one message for a case and each change of it."""
