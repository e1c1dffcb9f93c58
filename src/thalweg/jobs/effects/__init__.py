"""Jobs about effects: experiments, treatments that units chose, groups, and power before anything is run."""
