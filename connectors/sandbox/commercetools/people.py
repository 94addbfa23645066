"""Invented customers of the demo shop, by country."""

from __future__ import annotations

from random import Random

from connectors.sandbox.commercetools.shapes import Doc

FIRST_NAMES = ("Ann", "Bo", "Cleo", "Dan", "Eva", "Femi", "Grace", "Hugo", "Ines", "Jack", "Kira", "Liam", "Mina", "Noah", "Olga", "Priya")
LAST_NAMES = ("Lee", "Ray", "Stone", "Becker", "Okafor", "Martin", "Novak", "Patel", "Smith", "Weber", "Moreau", "Hughes", "Klein", "Dubois")
PLACES = {  # country -> (streets, (city, postcode), telephone prefix)
    "GB": (
        ("High Street", "Mill Lane", "Station Road", "Church Row"),
        (("Leeds", "LS1 4AP"), ("Manchester", "M1 1AA"), ("Bristol", "BS1 5TR")),
        "+44 113 ",
    ),
    "DE": (
        ("Hauptstraße", "Lindenweg", "Am Markt", "Gartenstraße"),
        (("Berlin", "10115"), ("Hamburg", "20095"), ("Köln", "50667")),
        "+49 30 ",
    ),
    "FR": (("Rue de Lyon", "Rue du Bac", "Quai Voltaire"), (("Paris", "75011"), ("Lyon", "69002"), ("Lille", "59000")), "+33 1 "),
}


def person(random: Random, country: str) -> tuple[Doc, str]:
    """An address and an e-mail address."""
    streets, cities, prefix = PLACES.get(country, PLACES["GB"])
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    city, postcode = random.choice(cities)
    address = {
        "firstName": first,
        "lastName": last,
        "streetName": random.choice(streets),
        "streetNumber": str(random.randint(1, 180)),
        "postalCode": postcode,
        "city": city,
        "country": country,
        "phone": f"{prefix}{random.randint(100000, 999999)}",
    }
    return address, f"{first}.{last}{random.randint(1, 999)}@example.com".lower()
