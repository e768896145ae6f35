"""Screens whose words alone are private: names, companies, illnesses, plans. Made up; no rule can tell them from others."""

from __future__ import annotations

_PEOPLE = (
    ("Mira Keller", "Nordwerft Kiel", "migraine"),
    ("Jonas Adeyemi", "Halvorsen Legal", "burnout"),
    ("Ana Rosales", "Casa Lupina", "chemotherapy"),
)
_SCREENS = (
    ("Chat with {0} - Messenger", "chat.example/t/plans"),
    ("{0} | LinkedIn", "social.example/in/profile"),
    ("Offer for {1}.docx - Writer", "docs.example/d/offer"),
    ("{1} acquisition: draft terms - Docs", "docs.example/d/terms"),
    ("{2} treatment - Health forum", "forum.example/t/treatment"),
    ("Sick leave of {0} - HR portal", "hr.example/leave"),
    ("Notice of termination - {0}.pdf", "files.example/notice"),
    ("Calendar: dinner with {0}", "calendar.example/week"),
    ("Why am I always tired after {2}? - Search", "search.example/results"),
    ("Salary review {0} - Sheets", "sheets.example/salaries"),
    ("Call notes {1}, do not share - Notes", "notes.example/calls"),
)
SCREENS: tuple[tuple[str, str, tuple[str, ...]], ...] = tuple(
    (title.format(*person), f"https://{url}", tuple(p for i, p in enumerate(person) if f"{{{i}}}" in title))
    for person in _PEOPLE
    for title, url in _SCREENS
)
"""Title, address, and the private words in them; 33."""
