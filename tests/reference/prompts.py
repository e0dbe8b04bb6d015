"""The strange prompts of tokens.json and the captions that its cleaning is shown on."""

_MAN = "\U0001f468"
_ZWJ = "\u200d"
PROMPTS = [
    # Plain ones.
    "", " ", "     ", "\n", "\t\n \r\n", "a rocket ship", "a high quality photo", "A Rocket Ship", "  a rocket ship  ",
    "an oil painting of a snowy mountain village", "a man wearing a hat", "a photo of the amalfi cost",
    "an oil painting of people around a campfire", "a lithograph of a skull", "a lithograph of waterfalls", "a pencil",
    "a photo of a hipster barista", "a", "I", "a b c d e f g", "THE QUICK BROWN FOX", "a blueprint of a lighthouse",
    # Spaces of every kind.
    "a   rocket     ship", "a\trocket\tship", "a\nrocket\nship", "a\r\nrocket\r\nship", "a\u00a0rocket\u00a0ship",
    "a\u2003rocket\u2009ship", "a\u3000rocket\u3000ship", "a\u2028rocket\u2029ship", "a\u0085rocket", "a\u1680ship",
    "a\u202frocket\u205fship", "a\x0brocket\x0cship", "\u00a0a ship\u00a0", "\u3000a ship\u3000", "a \u2581 ship",
    "\u2581a\u2581rocket", "a\u2581\u2581ship", "\u2581", "\u2581\u2581\u2581", "a\x1crocket\x1dship\x1e",
    # Nothing to see.
    "a\u200brocket", "\u200b", "\ufeffa ship", "a\ufeff ship", "a\u2060ship", "a\u00adship", "\u200e\u200fa ship",
    "a\u200c\u200dship", "\u200b a ship \u200b", "a\ufe0f ship", "\u2063\u2064", "a\u034fship", "a \u180e ship",
    "\U000e0061\U000e0062", "\u061ca ship",
    # Accents, whole and combining.
    "café", "cafe\u0301", "naïve façade", "ÀÉÎÕÜ", "a\u0300\u0301\u0302\u0303", "\u0301", "e\u0301\u0301\u0301e", "Ångström",
    "A\u030angstro\u0308m", "Đặng Thị Thủy", "Zażółć gęślą jaźń", "Příliš žluťoučký kůň", "Z\u0351\u036b\u0343a\u030a\u0369l\u035dgo\u0324",
    # Case that is not simple.
    "İstanbul", "ISTANBUL", "ıstanbul I İ i ı", "STRASSE Straße ẞ", "ΣΊΣΥΦΟΣ", "ΑΣ", "ŉ ǰ ΐ", "ǅ ǈ ǋ", "K Å Ω", "ﬃ ﬁ ﬂ ﬀ ﬅ ﬆ",
    "Ⓐ ⓐ Ⅷ ⅷ", "ԱՐԵՒ և", "ა Ა", "Ꭰ ꭰ", "𐐀 𐐨",
    # Compatibility forms.
    "ａ ｒｏｃｋｅｔ ｓｈｉｐ", "ＡＢＣ １２３ ！？", "ｱｲｳ ｶﾞ ﾊﾟ", "① ② ⑳ ㉑", "½ ¼ ⅓ ⅞", "x² y³ H₂O", "™ ℠ ® ©", "㎏ ㎡ ㏄ ㍿ ㌔", "ª º",
    "𝐚 𝑏 𝒸 𝓭 𝔢 𝕗 𝗴 𝚑", "… ‥ ․", "‼ ⁉ ⁇", "￥ ￦ ￡", "㈱ ㊗ 🄰 🅐 🆗", "ſ ẛ", "ĳ Ĳ ǉ", "ﷺ ﷲ", "\u00b4 \u0384 \u02dc",
    "\u212b \u2126 \u2160", "⼀ ⿕ 豈",
    # Scripts.
    "日本の山", "雪山の村の油絵", "一张火箭飞船的照片", "火箭", "로켓 우주선", "\u1112\u1161\u11ab\u1100\u1173\u11af", "ракета", "Ракета Ёлка Й",
    "πύραυλος", "صاروخ فضائي", "עִבְרִית", "रॉकेट", "จรวด", "ராக்கெட்", "ሮኬት", "հրթիռ", "རི", "ရွှေ", "ខ្មែរ", "\U00020bb7\u91ce\u5bb6",
    "\u202ea rocket\u202c ship", "abc \u05d0\u05d1\u05d2 123", "がぎぐ", "か\u3099き\u3099", "〜 ～ ー － —",
    # Emoji.
    "😀", "a 🚀 ship", "🚀🚀🚀", "👍🏽", _MAN + _ZWJ + "👩" + _ZWJ + "👧", "🏳️‍🌈", "🇫🇷🇯🇵", "1️⃣ #️⃣", "❤️ ❤", "☺︎ ☺️", "🧑🏿‍🚀", "a😀b😀c",
    "\U0001fae8", "♥♦♣♠", "☃",
    # Quotes, punctuation, numbers.
    "\"a rocket ship\"", "'a' \"b\" `c`", "“curly” ‘single’ „low‟", "«guillemets» ‹x›", "don't can't it's", "don’t", "a--b---c", "a – b — c ‐ d ‑ e",
    "hello, world!", "(a [b {c}])", "!!!???...", "***###@@@", "a/b\\c|d", "100", "3.14159", "1,000,000", "-40°C", "12:30", "2024-01-31", "50%",
    "$100 €50 £20 ₿", "１２３", "٣٤٥", "0x1F", "1e-5", "999999999999999999999", "a1b2c3", "+-=<>~^", "_under_score_", "&amp; &lt;b&gt;",
    # Markup, addresses, code.
    "<b>bold</b>", "<p>a <i>rocket</i> ship</p>", "<person> with a hat", "https://example.com/a/b?c=d&e=f#g", "www.example.org",
    "user@example.com", "#hashtag @name", "C:\\dir\\file.png", "IMG_1234.jpg", "{\"a\": [1, 2]}", "SELECT * FROM t;", "a%20rocket+ship",
    "\\n\\t", "print('hi')", "&#8217;",
    # The tokenizer's own pieces, written out.
    "</s>", "<pad>", "<unk>", "a</s>b", "a <pad> b", "</s></s>", "<extra_id_0>", "a <extra_id_0> b <extra_id_99> c", "<extra_id_100>",
    "< /s>", "</S> <PAD>", "a <unk> b", "<s>", "<0x41>", "\uff1c/s\uff1e",
    # Control characters and what is not a character.
    "a\x00b", "\x01\x02\x03", "a\x07b\x08c", "a\x1b[31mred", "\x7f", "a\x80b\x9fc", "\ufffd", "\ufffe\uffff", "\ue000\uf8ff", "\U0010ffff", "a\ufff9b\ufffac\ufffb",
    # Long ones.
    " ".join(["word"] * 500), " ".join(str(i) for i in range(200)), "a" * 10000, "a rocket ship " * 30, "火箭" * 100, "😀" * 90,
    "supercalifragilisticexpialidocious" * 5, " " * 3000 + "a ship" + " " * 3000, "é" * 300, ". " * 76, "a " * 75, "a " * 76, "a " * 77,
    "</s> " * 80, "a rocket ship, " * 12 + "the end",
]

CAPTIONS = [
    "A Photo of a DOG", "  a rocket ship  ", "a+rocket%20ship%21", "100%25 pure", "<person> wearing a hat", "<p>a <b>bold</b> &amp; brave</p>",
    "see https://example.com/a/b?c=d#e now", "http://a.b/c", "www.example.com/path a cat", "www:example cats", "visit example.co.uk today", "mail me@example.com please", "@artist_name a portrait",
    "a photo by @someone.", "火箭 rocket 火箭", "ㇰㇱ katakana ㈱ ㌔ 㐀 ䷀", "a – b — c ― d ‐ e ‑ f − g", "«quoted» “text” ‘here’ `tick´ ¨", "&quot;hello&quot; &quot there &amp; you &ampx",
    "server 192.168.0.1 up", "song 3:45 ", "song 3:45", "line\\nbreak", "number #1 and #12345 and #1234", "id 123456 and 12345", "my file IMG_001.jpg is here", "picture.webp and movie.mp4x",
    "\"\"\"AUSVERKAUFT\"\"\"", "''single''", "wait... what.. now.", "***SALE*** #now ~50%~ [x] {y} (z) | \\ /", "a . b . c", "this-is-my-cute-cat", "one-two-three", "this_is_my_cute_cat", "snake_case_x",
    "âœ” No problems", "schÃ¶n &amp;lt;tag&amp;gt;", "&amp;amp;lt;", "ﬁne ﬂow", "code jc6640 and jc6640vc and 6640vc231", "abc123 a12 ab1234567890123456",
    "free worldwide shipping on all", "worldwide free shipping", "free shipping", "free download free now", "click for more click on this", "png image jpg images webp", "page 12 of 20", "j2d1a2a mixed a1b2c3",
    "size 1920x1080 or 10.5×20 or 5х6", "title : subtitle", "title:subtitle", "one,two.three/four", "many     spaces\n\nand\ttabs", "\"fully quoted\"", "'single quoted'", "-leading and trailing-", ":colon start", ".word", "_under_",
    "ends with comma,", "<script>alert(1)</script> a cat", "a < b > c", "&#x41;&#66;", "<!-- comment -->text", "<br/>line<br>two", "İstanbul ŞEHİR", "é e\u0301 ａｂ", "a 😀 face 👨‍👩‍👧", "", "   ", "....", "a\u00a0b\u200bc", "\x1b[31mred\x1b[0m", "50 % off!!! buy now $$$",
    "“nested ‘quotes’ here”", "l'été à la plage; c'est l'été", "12:30pm at 10,000 ft", "v1.2.3-beta+build", "www.a.com www.b.org http://c.net", "a.b.c.d", "foo...bar", "1.5x zoom 2x", "C++ & C#", "50/50 and/or", "¡hola! ¿qué tal?",
    "</p></div>broken <b", "&lt;b&gt;bold&lt;/b&gt;", "100,000.50", "x" * 300 + " http://z.com", "\ud7ff\ue000", "ＦＵＬＬ　ＷＩＤＴＨ", "#1234567", "café.png latte", "#hashtag #a1b2",
    "cats &hearts; dogs &spades; &clubs", "2 &le; 3 &NotEqualTilde; 4 &rightarrow; 5", "&Alpha;&beta; &Zcaron; &fjlig;ord", "&notit; &notin; &copyright &hellip",
    "&#128; &#x2019; &#xD800; &#99999999; &#0; &#x;", "&unknown; &amp;hearts; &lt &gt",
]
