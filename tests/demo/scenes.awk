# What is on each photo, one line a photo; see dataset.sh.  Needs photos and
# golden.  Shapes have colours that nothing else in a picture has, and a box
# that is known: in the pixels as stored, which is what golden answers are in.

function shape(class, x, y, side,    right, low) {
	right = x + side - 1
	low = y + side - 1
	box = box (box == "" ? "" : ",") "{\"class\":\"" class "\",\"x\":" x \
	    ",\"y\":" y ",\"w\":" side ",\"h\":" side "}"
	if (class == "disc")
		return "fill rgb(208,24,24) ellipse " x + (side - 1) / 2 "," \
		    y + (side - 1) / 2 " " (side - 1) / 2 "," (side - 1) / 2 \
		    " 0,360"
	if (class == "square")
		return "fill rgb(24,48,208) rectangle " x "," y " " right "," \
		    low
	return "fill rgb(24,160,48) polygon " x "," low " " right "," low \
	    " " x + (side - 1) / 2 "," y
}

BEGIN {
	seed(20261124)
	split("disc square triangle", classes, " ")
	sizes = "640x480|480x640|800x600|608x400"
	printf "" >golden
	for (i = 1; i <= photos; i++) {
		split(pick(sizes), side, "x")
		width = side[1] + 0
		height = side[2] + 0
		orientation = (i - 1) % 8 + 1
		name = sprintf("photos/%d/%02d/IMG_%04d.jpg", 2025 + below(2),
		    between(1, 12), i)
		box = ""
		drawing = "stroke gray50 line 0," below(height) " " width \
		    "," below(height) " line " below(width) ",0 " \
		    below(width) "," height " stroke none"
		# a third of the width each, so that no shape covers another
		for (k = 1; k <= 3; k++)
			if (below(4) > 0) {
				s = between(40, int(width / 3) - 20)
				x = int((k - 1) * width / 3) + \
				    between(2, int(width / 3) - s - 2)
				drawing = drawing " " shape( \
				    classes[(k + i) % 3 + 1], x, \
				    between(2, height - s - 2), s)
			}
		print name "\t" width "\t" height "\t" orientation "\t" \
		    sprintf("%.6f", 53 + below(1000000) / 1e6) "\t" \
		    sprintf("%.6f", 9 + below(1000000) / 1e6) "\t" \
		    sprintf("2026:%02d:%02d %02d:%02d:00", between(1, 12),
			between(1, 28), below(24), below(60)) "\t" drawing
		if (i % 5 == 0)
			print "{\"item\":\"" name "\"," (box == "" ? \
			    "\"state\":\"empty\"" : "\"boxes\":[" box "]") \
			    "}" >golden
	}
}
