-- Before a segment's query.
DECLARE segment NO SCROLL CURSOR FOR
