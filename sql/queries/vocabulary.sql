SELECT kind, word, code FROM hall_api.vocabulary()
