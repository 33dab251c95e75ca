"""The real volume against its targets: each module measures one thing and says what it is compared to."""
