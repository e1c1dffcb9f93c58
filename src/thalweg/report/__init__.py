"""Tables, figures and the page; the only folder that draws."""
