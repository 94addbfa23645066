"""States and provinces by name: BigCommerce writes them out, carriers want the code."""

from __future__ import annotations

US = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of Columbia,FL Florida,GA Georgia,"
    "HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,"
    "MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,PR Puerto Rico,RI Rhode Island,SC South Carolina,"
    "SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming"
)
CA = (
    "AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NS Nova Scotia,NT Northwest Territories,NU Nunavut,"
    "ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon"
)
AU = (
    "ACT Australian Capital Territory,NSW New South Wales,NT Northern Territory,QLD Queensland,SA South Australia,TAS Tasmania,VIC Victoria,"
    "WA Western Australia"
)
CODES = {
    country: {name.casefold(): code for code, _, name in (each.partition(" ") for each in listed.split(","))}
    for country, listed in {"US": US, "CA": CA, "AU": AU}.items()
}


def region_code(name: str, country: str) -> str:
    """The code of a state; the name itself where it has none here."""
    return CODES.get(country, {}).get(name.casefold(), name)
