"""Who may be offered what: the questionnaire and its results, the register of products, and the one rule over both."""
