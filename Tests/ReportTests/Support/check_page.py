"""Checks a page: well formed, self-contained, every reference met, every picture described. Says what is wrong and exits 1."""

import sys
import xml.etree.ElementTree as tree

root = tree.parse(sys.argv[1]).getroot()
parents = {child: parent for parent in root.iter() for child in parent}
wrong = []
ids = [one.get("id") for one in root.iter() if one.get("id") is not None]
if len(ids) != len(set(ids)):
    wrong.append("an id is there twice: %s" % sorted(one for one in ids if ids.count(one) > 1)[:3])
for one in root.iter():
    for name in ("href", "src", "xlink:href", "action", "data", "poster"):
        value = one.get(name)
        if value is None:
            continue
        if value.startswith("#"):
            if value[1:] not in ids:
                wrong.append("<%s %s> leads to nothing: %s" % (one.tag, name, value))
        elif not (one.tag == "image" and value.startswith("data:image/png;base64,")):
            wrong.append("<%s %s> is not inside the page: %s" % (one.tag, name, value[:60]))
    for name in ("aria-labelledby", "for"):
        for value in (one.get(name) or "").split():
            if value not in ids:
                wrong.append("<%s %s> names nothing: %s" % (one.tag, name, value))
    if one.tag == "svg":
        hidden = one.get("aria-hidden") == "true"
        if not hidden and (one.get("role") != "img" or not one.get("aria-label")):
            wrong.append("a picture has no description")
    if one.tag in ("input", "select") and parents[one].tag != "label":
        wrong.append("<%s> has no label" % one.tag)
    if any(name.startswith("on") for name in one.attrib):
        wrong.append("<%s> has a handler" % one.tag)
text = tree.tostring(root, encoding="unicode")
for word in ("http:", "https:", "url(", "@import", "//cdn"):
    if word in text:
        wrong.append("the page speaks of %s" % word)
if len(root.findall(".//script")) != 1:
    wrong.append("there is not one script")
levels = [int(one.tag[1]) for one in root.iter() if one.tag in ("h1", "h2", "h3", "h4")]
if levels[:1] != [1] or levels.count(1) != 1 or any(b > a + 1 for a, b in zip(levels, levels[1:])):
    wrong.append("headings skip a level: %s" % levels)
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
