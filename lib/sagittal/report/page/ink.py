"""Colours on paper."""

TEXT = "#14181d"
MUTED = "#5d6672"
RULE = "#c9ced6"
NOTICE = "#b3261e"
WITHIN, OUTSIDE, HINT = "#1b7f4b", "#b3261e", "#8a5a00"
STATUS_COLORS = {"within": WITHIN, "below": OUTSIDE, "above": OUTSIDE, "unranged": MUTED, "absent": MUTED}
VERDICT_COLORS = {"measurable": WITHIN, "measurable with caution": HINT, "not measurable": OUTSIDE}
FINDING_COLORS = {"normal": WITHIN, "abnormal": OUTSIDE, "hint": HINT, "unranged": TEXT, "absent": MUTED}
