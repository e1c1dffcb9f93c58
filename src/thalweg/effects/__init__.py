"""Effects of treatments and their combinations, with intervals that cover: links, scores, identification, designs."""
