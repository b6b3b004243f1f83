DELETE FROM hall.instance WHERE instance = $1::text
