"""Reading other systems' files into Salesorg: what they say is kept as it is, and what is wrong with them is reported."""
