"""The words invented companies, people and deals are made of. Places are real, everything else is not."""

FIRST = [
    "Ada", "Amara", "Anders", "Aisha", "Ben", "Bianca", "Carlos", "Chloe", "Dana", "Daniel", "Elena", "Emeka", "Erik",
    "Farah", "Felix", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jada", "Jonas", "Kai", "Kira", "Lars", "Leila", "Liam",
    "Lucia", "Mateo", "Maya", "Nadia", "Noah", "Olga", "Omar", "Paula", "Pavel", "Quinn", "Rosa", "Ruth", "Samir", "Sara",
    "Tara", "Theo", "Uma", "Victor", "Vera", "Wanda", "Wei", "Xenia", "Yara", "Yusuf", "Zoe",
]  # fmt: skip
LAST = [
    "Abbott", "Almeida", "Baker", "Berg", "Castillo", "Chen", "Costa", "Dahl", "Diaz", "Eriksen", "Evans", "Fischer",
    "Flores", "Garcia", "Gupta", "Haas", "Hansen", "Ito", "Ivanov", "Jansen", "Jones", "Kaur", "Keller", "Kim", "Lang",
    "Lopez", "Meyer", "Moreno", "Nagy", "Novak", "Okafor", "Olsen", "Park", "Patel", "Quist", "Ramos", "Reyes", "Rossi",
    "Sato", "Schmidt", "Silva", "Tanaka", "Torres", "Ueda", "Varga", "Vogel", "Walsh", "Weber", "Xu", "Yilmaz", "Young",
    "Zhang",
]  # fmt: skip
COMPANY = [
    "Alder", "Amber", "Arbor", "Aspen", "Atlas", "Beacon", "Birch", "Bluff", "Boulder", "Bright", "Canyon", "Cedar", "Cinder",
    "Clear", "Cobalt", "Copper", "Coral", "Crest", "Delta", "Dune", "Eagle", "Ember", "Falcon", "Fern", "Field", "Flint",
    "Forge", "Garnet", "Glacier", "Granite", "Grove", "Harbor", "Hazel", "Heron", "Hollow", "Indigo", "Iron", "Ivy", "Jade",
    "Juniper", "Keystone", "Lake", "Lantern", "Larch", "Laurel", "Linden", "Lunar", "Maple", "Marble", "Meadow", "Mesa",
    "Mill", "Mint", "Moss", "North", "Oak", "Ocean", "Olive", "Onyx", "Orchard", "Otter", "Pearl", "Pine", "Prairie",
    "Quarry", "Quartz", "Raven", "Reed", "Ridge", "River", "Rowan", "Sage", "Sand", "Sierra", "Silver", "Slate", "Spruce",
    "Stone", "Summit", "Swift", "Tern", "Thistle", "Timber", "Vale", "Violet", "Walnut", "Willow", "Wren",
]  # fmt: skip
TRADE = {
    "Logistics": "logistics", "Freight": "logistics", "Foods": "food", "Kitchens": "food", "Medical": "healthcare",
    "Clinics": "healthcare", "Dental": "healthcare", "Systems": "software", "Software": "software", "Data": "software",
    "Capital": "finance", "Insurance": "insurance", "Energy": "energy", "Solar": "energy", "Builders": "construction",
    "Roofing": "construction", "Motors": "automotive", "Parts": "automotive", "Hotels": "hospitality", "Resorts": "hospitality",
    "Schools": "education", "Press": "media", "Studios": "media", "Outfitters": "retail", "Stores": "retail", "Labs": "research",
    "Textiles": "manufacturing", "Plastics": "manufacturing", "Metals": "manufacturing", "Farms": "agriculture",
}  # fmt: skip
FORM = ["", "Inc.", "Group", "LLC", "& Co.", "Partners", "Holdings", "Services"]
STREETS = ["Main St", "Oak Ave", "Mill Rd", "Park Ave", "Harbor Dr", "Church St", "Station Rd", "Market St", "River Rd", "2nd St"]
# Every other account says when it is open.
HOURS = [
    "",
    "Mo-Fr 08:00-17:00",
    "",
    "Mo-Su 07:00-12:00,13:00-16:00",
    "",
    "Mo-Sa 09:00-18:00",
    "",
    "Mo-Th 08:00-16:30; Fr 08:00-13:00",
]
# Name, state, first postal code, latitude, longitude; by the part of the country a sales region may be called after.
CITIES = {
    "North": [
        ("Boston", "MA", 2108, 42.36, -71.06), ("Worcester", "MA", 1602, 42.27, -71.80),
        ("Providence", "RI", 2903, 41.82, -71.41),
        ("Hartford", "CT", 6103, 41.77, -72.67), ("Portland", "ME", 4101, 43.66, -70.26),
        ("Manchester", "NH", 3101, 42.99, -71.46),
        ("Albany", "NY", 12207, 42.65, -73.76), ("Burlington", "VT", 5401, 44.48, -73.21),
    ],
    "South": [
        ("Atlanta", "GA", 30303, 33.75, -84.39), ("Charlotte", "NC", 28202, 35.23, -80.84),
        ("Raleigh", "NC", 27601, 35.78, -78.64),
        ("Richmond", "VA", 23219, 37.54, -77.44), ("Nashville", "TN", 37203, 36.16, -86.78),
        ("Savannah", "GA", 31401, 32.08, -81.09),
        ("Charleston", "SC", 29401, 32.78, -79.93), ("Jacksonville", "FL", 32202, 30.33, -81.66),
    ],
    "Midwest": [
        ("Chicago", "IL", 60602, 41.88, -87.63), ("Detroit", "MI", 48226, 42.33, -83.05),
        ("Columbus", "OH", 43215, 39.96, -83.00),
        ("Cleveland", "OH", 44113, 41.50, -81.69), ("Milwaukee", "WI", 53202, 43.04, -87.91),
        ("St. Louis", "MO", 63101, 38.63, -90.20),
        ("Minneapolis", "MN", 55401, 44.98, -93.27), ("Indianapolis", "IN", 46204, 39.77, -86.16),
    ],
    "West": [
        ("Seattle", "WA", 98101, 47.61, -122.33), ("Portland", "OR", 97204, 45.52, -122.68),
        ("San Jose", "CA", 95113, 37.34, -121.89),
        ("Oakland", "CA", 94607, 37.80, -122.27), ("Sacramento", "CA", 95814, 38.58, -121.49),
        ("Phoenix", "AZ", 85004, 33.45, -112.07),
        ("Denver", "CO", 80202, 39.74, -104.99), ("Salt Lake City", "UT", 84101, 40.76, -111.89),
    ],
}  # fmt: skip
POSITIONS = {
    "Managing director": "decider", "Head of operations": "decider", "Head of purchasing": "budget", "Controller": "budget",
    "Plant manager": "influencer", "IT lead": "influencer", "Team lead": "user", "Technician": "user", "Office manager": "",
}  # fmt: skip
PRODUCTS = [  # name, series, price
    ("Dock 100", "Dock", 900), ("Dock 300", "Dock", 2_400), ("Scanner S", "Scanner", 350), ("Scanner Pro", "Scanner", 1_150),
    ("Fleet Tracker", "Fleet", 4_800), ("Fleet Suite", "Fleet", 12_500),
    ("Warehouse Cloud", "Cloud", 18_000), ("Care Plan", "Care", 1_600),
]  # fmt: skip
STAGES = [  # name, status, probability %, forecast category, expected days
    ("Prospecting", "open", 10, "pipeline", 14),
    ("Qualified", "open", 25, "pipeline", 21),
    ("Proposal", "open", 50, "best_case", 21),
    ("Negotiation", "open", 75, "commit", 14),
    ("Won", "won", 100, "closed", None),
    ("Lost", "lost", 0, "omitted", None),
]
LOSS_REASONS = ["Price", "Competitor", "No budget", "No decision", "Missing feature", "Timing"]
SOURCES = ["Website", "Trade fair", "Referral", "Cold call", "Partner"]
CLOCKS = {"Website": 60, "Trade fair": 960, "Referral": 480, "Cold call": None, "Partner": 240}  # minutes of working time
FIT = [  # field, test, value, points
    ("employees", "at_least", "200", 30), ("industry", "is", "manufacturing, logistics, healthcare", 25),
    ("domain", "known", "", 10), ("employees", "at_most", "10", -20),
]  # fmt: skip
REQUESTS = [
    "We need a quote for forty units by the end of the month.", "Do you deliver to three sites at once?",
    "Please send me your price list.", "Could someone show us the tracker?", "Our contract ends in spring. What would you offer?",
]  # fmt: skip
CRITERIA = {  # stage: the kind and value of each of its exit criteria
    "Prospecting": [("check", "The need is confirmed in the customer's words"), ("field", "product")],
    "Qualified": [("contact", "decider"), ("check", "The timing is known")],
    "Proposal": [("activity", "meeting"), ("check", "Who holds the budget has seen the proposal")],
    "Negotiation": [("check", "The terms are agreed in writing")],
}
TICKETS = {
    "question": ["How do we add a user?", "Who trains the second shift?", "Which cable does the dock need?", "How do I export?"],
    "fault": ["Scanner stops after an hour", "Labels come out crooked", "Counter shows double", "The portal is slow"],
    "dispute": ["Invoice is higher than agreed", "Two units were never delivered"],
}
NEXT_STEPS = ["Send proposal", "Call the controller", "Demo on site", "Agree on terms", "Visit the plant", "Collect references"]
SUBJECTS = {
    "visit": ["Walk through the warehouse", "Quarterly visit", "Meet the new plant manager", "Look at the loading docks"],
    "call": ["Follow up on the offer", "Ask about the budget", "Check in", "Clear up delivery dates"],
    "meeting": ["Kick-off", "Quarterly review", "Requirements workshop"],
    "email": ["Offer sent", "Minutes sent", "Price list sent"],
    "demo": ["Demo of the tracker", "Demo for the IT lead"],
    "note": ["Hiring a second shift", "Competitor was here", "Contract of the other supplier ends soon"],
}
