"""Small made-up exports, as text by file name, and where the real ones lie."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

CRM = {
    "accounts.csv": """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme,technolgy,1996,1100.04,2822,United States,
Bolt,retail,2001,4.5,30,Philipines,Acme
""",
    "sales_teams.csv": """sales_agent,manager,regional_office
Ann Lee,Max Boss,Central
Bob Ray,Max Boss,Central
Idle Ida,Eve Head,West
""",
    "products.csv": """product,series,sales_price
GTX Pro,GTX,4821
MG,MG,55
""",
    "sales_pipeline.csv": """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
D1,Ann Lee,GTXPro,Acme,Won,2016-10-20,2017-03-01,1054
D2,Bob Ray,MG,Acme,Won,2016-11-01,2017-03-05,4514.50
D3,Ann Lee,MG,Bolt,Lost,2016-11-01,2017-04-01,0
D4,Ann Lee,GTX Pro,,Engaging,2017-01-05,,
D5,Bob Ray,MG,Bolt,Prospecting,,,
D6,Ann Lee,MG,Bolt,Won,2017-01-01,2017-05-01,20
""",
}

LEADS, CLOSED = "olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"
FUNNEL = {
    LEADS: """mql_id,first_contact_date,landing_page_id,origin
a1,01-02-2018,page1,social
a2,20-10-2017,page1,
a3,22-03-2018,page2,email
a4,08-03-2018,page2,email
""",
    CLOSED: """mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,lead_type,lead_behaviour_profile,average_stock
a1,s1,p1,p2,26-02-2018 19:58,pet,online_medium,"cat, wolf",May-20
a4,s2,p1,p1,06-03-2018 19:38,toys,industry,,
""",
}


def real(name):
    """The folder of real data, or a skip in clear words."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"The real files of {name} are not on this machine (looked in {folder}).")
    return folder
