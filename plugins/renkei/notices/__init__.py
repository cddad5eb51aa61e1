"""Which events make which notice: the rules of schemas/ applied to events, handovers and reports."""
