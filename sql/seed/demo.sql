-- Sample data for the demonstration and the tests: plans, services, events, vouchers and twelve subscribers.
-- Running it again adds what is missing (bills of new months; events that are near are moved on) and keeps
-- balances, subscriptions, registrations and used vouchers as they are.  hall_owner or a superuser runs it.
--
--   13800138000	everyday case: 86.50 yuan, points, data; Chinese, Jiangsu
--   13800138001	low balance: 1.20 yuan, data nearly used up
--   13800138002	in arrears: -12.30 yuan; data used up
--   13800138003	CAILING and SJB are on; signed up for QIUJI
--   13800138004	no points, no data used; first on the waiting list of MANYUAN
--   13800138005, 006, 007	like 000, for the examples in the command tables
--   13800138008	has a service that is no longer offered
--   13800138009	answers in English
--   13900139000, 13900139001	for recharging others
--   13900139010 to 13900139015	dealers and staff, see the end
--   Vouchers: 1234567890123456 50 yuan; 1234567890120001 to …0050 unused, 10, 20, 50, 100 yuan in turn;
--   1234567890129001 used by 13800138003; 1234567890129002 expired

INSERT INTO bss.plan (code, name_zh, name_en, price, data_mb, voice_min, sms)
VALUES	('CX58', '畅享58元套餐', 'Joy 58', 5800, 10240, 150, 50),
	('CX98', '畅享98元套餐', 'Joy 98', 9800, 30720, 400, 100),
	('QQT138', '全球通138元套餐', 'GoTone 138', 13800, 61440, 700, 200),
	('YW19', '长者19元套餐', 'Senior 19', 1900, 1024, 100, 100)
ON CONFLICT DO NOTHING;

INSERT INTO bss.service (code, name_zh, name_en, about_zh, about_en, price, data_mb, offered)
VALUES	('CAILING', '彩铃', 'Color Ring', '来电者听到您选的音乐', 'callers hear the music you chose', 500, 0, true),
	('LDXS', '来电显示', 'Caller ID', '显示来电号码', 'shows the caller''s number', 600, 0, true),
	('LLB10', '10元流量包', 'Data Pack 10', '当月加1GB国内流量', '1 GB more data this month', 1000, 1024, true),
	('SJB', '手机报', 'Mobile News', '每天早晚两份新闻彩信', 'news by MMS twice a day', 300, 0, true),
	('YXB', '游戏包', 'Games Pack', '10款手机游戏畅玩', 'ten mobile games', 800, 0, true),
	('CXTY', '彩信体验', 'MMS Trial', '每月100条彩信', '100 MMS a month', 200, 0, false)
ON CONFLICT DO NOTHING;

INSERT INTO bss.service_alias (alias, service)
VALUES	('炫铃', 'CAILING'), ('彩铃音乐', 'CAILING'), ('音乐彩铃', 'CAILING'), ('彩铃包月', 'CAILING'), ('CL', 'CAILING'),
	('CRBT', 'CAILING'), ('彩鈴', 'CAILING'), ('CALLER TUNE', 'CAILING'), ('RINGBACK TONE', 'CAILING'),
	('来显', 'LDXS'), ('来电提示', 'LDXS'), ('来电号码显示', 'LDXS'), ('来电', 'LDXS'), ('LX', 'LDXS'), ('LAIXIAN', 'LDXS'),
	('LAIDIANXIANSHI', 'LDXS'), ('CALLERID', 'LDXS'),
	('10元包', 'LLB10'), ('10块流量包', 'LLB10'), ('10块钱流量包', 'LLB10'), ('十元流量包', 'LLB10'), ('十块流量包', 'LLB10'),
	('十块钱流量包', 'LLB10'), ('10元的流量包', 'LLB10'), ('10块的流量包', 'LLB10'), ('10块钱的流量包', 'LLB10'),
	('流量包10元', 'LLB10'), ('流量10元包', 'LLB10'), ('10元1G流量包', 'LLB10'), ('10元流量', 'LLB10'), ('10块流量', 'LLB10'),
	('10元流量套餐', 'LLB10'), ('流量10元', 'LLB10'), ('LLB10元', 'LLB10'), ('流量包LLB10', 'LLB10'), ('10元流量加油包', 'LLB10'),
	('DATA10', 'LLB10'), ('DATA PACK', 'LLB10'),
	('手机早晚报', 'SJB'), ('手机早报', 'SJB'), ('手机晚报', 'SJB'), ('手机报纸', 'SJB'), ('新闻早晚报', 'SJB'), ('SHOUJIBAO', 'SJB'),
	('NEWS', 'SJB'),
	('游戏包月', 'YXB'), ('手机游戏包', 'YXB'), ('游戏套餐', 'YXB'), ('游戏大礼包', 'YXB'), ('YOUXIBAO', 'YXB'), ('GAMES', 'YXB'),
	('GAME PACK', 'YXB'),
	('彩信包', 'CXTY')
ON CONFLICT DO NOTHING;

-- Days at which events are held, from today in Shanghai; one that is near is announced anew, but the one that is over.
INSERT INTO bss.event AS e (code, name_zh, name_en, where_zh, where_en, starts_at, closes_at, places, waiting_places)
SELECT v.code, v.name_zh, v.name_en, v.where_zh, v.where_en, d.starts_at, d.starts_at - interval '1 day', v.places,
	v.waiting_places
FROM (VALUES
	('QIUJI', '秋季沙龙', 'Autumn Salon', '中山路营业厅', 'Zhongshan Road hall', 75, '14:00'::time, 200, 20),
	('JKJZ', '健康讲座', 'Health Lecture', '人民广场营业厅', 'People''s Square hall', 60, '09:30', 100, 20),
	('5GTY', '5G体验', '5G Experience', '科技园体验店', 'Science Park store', 45, '10:00', 50, 10),
	('MANYUAN', '满员讲座', 'Full Lecture', '人民广场营业厅', 'People''s Square hall', 66, '15:00', 2, 5),
	('CHUNJI', '春季沙龙', 'Spring Salon', '中山路营业厅', 'Zhongshan Road hall', -30, '14:00', 100, 0)
	) AS v (code, name_zh, name_en, where_zh, where_en, days, hour, places, waiting_places),
LATERAL (SELECT ((now() AT TIME ZONE 'Asia/Shanghai')::date + v.days + v.hour) AT TIME ZONE 'Asia/Shanghai' AS starts_at) AS d
ON CONFLICT (code) DO UPDATE SET starts_at = excluded.starts_at, closes_at = excluded.closes_at
WHERE e.code <> 'CHUNJI' AND e.closes_at < now() + interval '14 days';

INSERT INTO bss.event_alias (alias, event)
VALUES	('秋季沙龙活动', 'QIUJI'), ('沙龙', 'QIUJI'), ('秋沙龙', 'QIUJI'), ('秋天沙龙', 'QIUJI'), ('客户沙龙', 'QIUJI'),
	('QIUJISHALONG', 'QIUJI'), ('AUTUMN', 'QIUJI'),
	('健康讲座活动', 'JKJZ'), ('健康课', 'JKJZ'), ('养生讲座', 'JKJZ'), ('健康知识讲座', 'JKJZ'), ('JIANKANGJIANGZUO', 'JKJZ'),
	('HEALTH', 'JKJZ'),
	('5G体验活动', '5GTY'), ('5G体验日', '5GTY'), ('5G体验会', '5GTY'), ('5G', '5GTY'), ('5GTIYAN', '5GTY'),
	('满员讲座活动', 'MANYUAN'), ('春季沙龙活动', 'CHUNJI')
ON CONFLICT DO NOTHING;

CREATE TEMPORARY TABLE sample (
	msisdn text, brand text, province text, lang text, plan text, balance bigint, points integer, used_mb integer
) ON COMMIT DROP;
INSERT INTO sample
VALUES	('13800138000', 'gotone', 'js', 'zh', 'CX58', 8650, 3260, 3788),
	('13800138001', 'mzone', 'js', 'zh', 'CX58', 120, 410, 9900),
	('13800138002', 'easyown', 'hb', 'zh', 'YW19', -1230, 85, 1500),
	('13800138003', 'gotone', 'gd', 'zh', 'QQT138', 15600, 12800, 22528),
	('13800138004', 'easyown', 'bj', 'zh', 'YW19', 5000, 0, 0),
	('13800138005', 'mzone', 'sh', 'zh', 'CX98', 8800, 1980, 4096),
	('13800138006', 'gotone', 'js', 'zh', 'CX98', 20000, 5400, 12288),
	('13800138007', 'mzone', 'zj', 'zh', 'CX58', 10000, 760, 2048),
	('13800138008', 'easyown', 'sc', 'zh', 'CX58', 3050, 1200, 512),
	('13800138009', 'gotone', 'sh', 'en', 'QQT138', 23075, 9100, 18432),
	('13900139000', 'easyown', 'js', 'zh', 'CX58', 2000, 300, 1024),
	('13900139001', 'mzone', 'js', 'zh', 'CX98', 4500, 640, 6144);

INSERT INTO bss.subscriber (msisdn, brand, province, lang, plan, plan_since)
SELECT s.msisdn, s.brand, s.province, s.lang, s.plan, date '2025-03-01' FROM sample s
ON CONFLICT DO NOTHING;

INSERT INTO bss.account (msisdn, balance, valid_until)
SELECT s.msisdn, s.balance, (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + interval '7 months - 1 day')::date
FROM sample s
ON CONFLICT DO NOTHING;

INSERT INTO bss.points (msisdn, points, expiring, expires_on)
SELECT s.msisdn, s.points, s.points / 10, make_date(extract(year FROM now())::integer, 12, 31) FROM sample s
ON CONFLICT DO NOTHING;

-- Months to come too: a hall that is left running stays as described above.
INSERT INTO bss.data_usage (msisdn, month, quota_mb, used_mb)
SELECT s.msisdn, (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + g * interval '1 month')::date, p.data_mb, s.used_mb
FROM sample s JOIN bss.plan p ON p.code = s.plan, generate_series(0, 12) AS g
WHERE s.used_mb > 0
ON CONFLICT DO NOTHING;

-- Twelve whole months, the current one and twelve to come; the amounts vary with the number and the month, always in the same way.
INSERT INTO bss.bill (msisdn, month, plan, voice, sms, data, service)
SELECT s.msisdn, m.month, p.price, v.n % 2300, v.n % 13 * 10, CASE WHEN s.used_mb > p.data_mb THEN 500 ELSE 0 END,
	CASE s.msisdn WHEN '13800138003' THEN 800 WHEN '13800138008' THEN 200 ELSE 0 END
FROM sample s
JOIN bss.plan p ON p.code = s.plan,
LATERAL (SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') - g * interval '1 month')::date AS month
	FROM generate_series(-12, 12) AS g) AS m,
LATERAL (SELECT (right(s.msisdn, 4)::integer * 37 + extract(month FROM m.month)::integer * 211) % 9973 AS n) AS v
ON CONFLICT DO NOTHING;

-- What follows was no text's doing: no mo_id.
INSERT INTO bss.subscription (msisdn, service, since, price)
SELECT v.msisdn, v.service, timestamptz '2026-03-05 10:00+08', v.price
FROM (VALUES ('13800138003', 'CAILING', 500), ('13800138003', 'SJB', 300), ('13800138008', 'CXTY', 200))
	AS v (msisdn, service, price)
WHERE NOT EXISTS (SELECT FROM bss.subscription_past o WHERE o.msisdn = v.msisdn AND o.service = v.service)
ON CONFLICT DO NOTHING;

-- The full event: 13800138005 and 13900139001 have the two places, 13800138004 waits.
INSERT INTO bss.registration (msisdn, event, no, state, signed_at, changed_at)
SELECT v.msisdn, v.event, v.no, v.state::bss.registration_state, now(), now()
FROM (VALUES ('13800138003', 'QIUJI', 1, 'in'), ('13800138005', 'MANYUAN', 1, 'in'),
	('13900139001', 'MANYUAN', 2, 'in'), ('13800138004', 'MANYUAN', 3, 'waiting')) AS v (msisdn, event, no, state)
WHERE NOT EXISTS (SELECT FROM bss.registration r WHERE r.event = v.event)
ON CONFLICT DO NOTHING;
UPDATE bss.event e
SET taken = r.taken, waiting = r.waiting, last_no = r.last_no
FROM (SELECT event, count(*) FILTER (WHERE state = 'in') AS taken, count(*) FILTER (WHERE state = 'waiting') AS waiting,
		max(no) AS last_no
	FROM bss.registration GROUP BY event) AS r
WHERE e.code = r.event AND e.last_no = 0;

INSERT INTO bss.voucher (hash, serial, amount, valid_days, expires_on, used_at, used_by, used_for)
SELECT sha256(convert_to(v.digits, 'UTF8')), v.serial, v.amount, 30, v.expires_on, v.used_at, v.used_by, v.used_by
FROM (SELECT '1234567890123456', 260000000, 5000, date '2099-12-31', NULL::timestamptz, NULL
	UNION ALL
	SELECT '12345678901200' || lpad(g::text, 2, '0'), 260000000 + g, (ARRAY[1000, 2000, 5000, 10000])[(g - 1) % 4 + 1],
		date '2099-12-31', NULL, NULL
	FROM generate_series(1, 50) AS g
	UNION ALL
	SELECT '1234567890129001', 260000901, 5000, date '2099-12-31', timestamptz '2026-05-06 12:00+08', '13800138003'
	UNION ALL
	SELECT '1234567890129002', 260000902, 5000, date '2025-12-31', NULL, NULL
	) AS v (digits, serial, amount, expires_on, used_at, used_by)
ON CONFLICT DO NOTHING;

-- ---- Money and identity: groups of services, passwords, identity numbers, usage by month, gifts for points
--
--   Service passwords are 123456.  Identity numbers are 32010119900101 and the number's last four digits.
--   WEATHER costs nothing.  Gifts: HF5, HF10 (money), LL1G (data), YUSAN, SHUIBEI (to pick up in a hall), CDB (sold out).

INSERT INTO bss.service (code, name_zh, name_en, about_zh, about_en, price)
VALUES	('WEATHER', '天气预报', 'Weather', '每天早晨一条本地天气', 'the local weather every morning', 0)
ON CONFLICT DO NOTHING;
INSERT INTO bss.service_alias (alias, service)
VALUES	('天气提醒', 'WEATHER'), ('天气短信', 'WEATHER'), ('气象短信', 'WEATHER'), ('TIANQI', 'WEATHER')
ON CONFLICT DO NOTHING;

UPDATE bss.service s
SET grp_zh = v.grp_zh, grp_en = v.grp_en
FROM (VALUES ('LDXS', '基础业务', 'Basic'), ('LLB10', '流量包', 'Data packs')) AS v (code, grp_zh, grp_en)
WHERE s.code = v.code AND s.grp_zh = '增值业务';

INSERT INTO bss.password (msisdn, hash, changed_at)
SELECT v.msisdn, v.hash, now()
FROM (VALUES
	('13800138000', '$argon2id$v=19$m=19456,t=2,p=1$reUruN0cgNhKXF+rPOO1ug$ilCDrm0jvby48v7rDRlY3fVQqMMsnnKHAxnrf0FRZto'),
	('13800138001', '$argon2id$v=19$m=19456,t=2,p=1$OsBthToTj0ofF7COpofhhw$OJprcGkOQ13SDP2ai7kXOACh7MGV9SZgWNyTJp55SiI'),
	('13800138002', '$argon2id$v=19$m=19456,t=2,p=1$igDsnH1Xm4SriW72bIjkNw$nQOu/eHT15t0brF9eiIvZdvSGr+hRAnG8v/LfXr4vZo'),
	('13800138003', '$argon2id$v=19$m=19456,t=2,p=1$no0ZkvA4GFGGFyPlmQs15w$sIFQ5ybKVoCIO7UXCpVr4mBsApQC2/RkD5aLCq3i2aQ'),
	('13800138004', '$argon2id$v=19$m=19456,t=2,p=1$iXKkfee9eUXyY8A401EweQ$0XsP+o7oUGFTpFK0BLbFOXkiImUq8lE+34FstAnmurE'),
	('13800138005', '$argon2id$v=19$m=19456,t=2,p=1$HKQRkZTXgT0ydNuglvz2mA$jdLn4H8JN2rVIUSSpiYBPupbRn/+mRa1YojAWdBEpSk'),
	('13800138006', '$argon2id$v=19$m=19456,t=2,p=1$1OWe3rP5hh0OAisxH4k/+Q$HdqCW4f2R2IOHsrLYVKDZ6UDbvZaXf9sglUQy0aSBmU'),
	('13800138007', '$argon2id$v=19$m=19456,t=2,p=1$an1kjRkz9YfXBitG/75EXw$cebxoXYs//5qqXOu6pj2EGPf4iCtWSHtmZElx+EVrsg'),
	('13800138008', '$argon2id$v=19$m=19456,t=2,p=1$BsdadORRsOxcRab3t0znLw$5cliHolDkve4EkDIV5yrwqTlgW93dI5Gu79ws7J/ksw'),
	('13800138009', '$argon2id$v=19$m=19456,t=2,p=1$v+lflu3wwI+3+rWL1Y0IHA$tY6QWy3GQjQ4HW7GMmAG7Q9otVO8AJ+Pp6YVHLZn8CQ'),
	('13900139000', '$argon2id$v=19$m=19456,t=2,p=1$exi00G/woOpV9mWOKpVdEA$5DJ38y74Fv/mvaUEkf2AaDmilf1thYn6clA9OQr/j+s'),
	('13900139001', '$argon2id$v=19$m=19456,t=2,p=1$LJzJ0TuNwG4k2lZg5pMkMg$6x6R8hDVzJ54sbp9LwUnUKQ0neiwG5KenZjerbSpfrY')
	) AS v (msisdn, hash)
ON CONFLICT DO NOTHING;

INSERT INTO bss.identity (msisdn, hash)
SELECT s.msisdn, sha256(convert_to('32010119900101' || right(s.msisdn, 4), 'UTF8')) FROM sample s
ON CONFLICT DO NOTHING;

-- Twelve months, the current one and twelve to come, as the bills.
INSERT INTO bss.usage (msisdn, month, calls, voice_min, sms, data_mb)
SELECT s.msisdn, m.month, v.n % 89 + 12, v.n % 347 + 30, v.n % 13, s.used_mb
FROM sample s,
LATERAL (SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') - g * interval '1 month')::date AS month
	FROM generate_series(-12, 12) AS g) AS m,
LATERAL (SELECT (right(s.msisdn, 4)::integer * 41 + extract(month FROM m.month)::integer * 173) % 9973 AS n) AS v
ON CONFLICT DO NOTHING;

INSERT INTO bss.gift (code, name_zh, name_en, price, credit, data_mb, stock)
VALUES	('HF5', '5元话费', '5 yuan credit', 600, 500, 0, NULL),
	('LL1G', '1GB流量', '1 GB data', 800, 0, 1024, NULL),
	('HF10', '10元话费', '10 yuan credit', 1100, 1000, 0, NULL),
	('YUSAN', '雨伞', 'Umbrella', 2000, 0, 0, 100),
	('SHUIBEI', '保温杯', 'Thermos', 5000, 0, 0, 50),
	('CDB', '充电宝', 'Power Bank', 8000, 0, 0, 0)
ON CONFLICT DO NOTHING;

INSERT INTO bss.gift_alias (alias, gift)
VALUES	('5块话费', 'HF5'), ('5块钱话费', 'HF5'), ('五元话费', 'HF5'), ('话费5元', 'HF5'), ('5元', 'HF5'), ('HF5元', 'HF5'),
	('10块话费', 'HF10'), ('10块钱话费', 'HF10'), ('十元话费', 'HF10'), ('话费10元', 'HF10'), ('10元', 'HF10'), ('HF10元', 'HF10'),
	('1G流量', 'LL1G'), ('流量1G', 'LL1G'), ('1个G流量', 'LL1G'), ('流量', 'LL1G'), ('伞', 'YUSAN'), ('一把雨伞', 'YUSAN'),
	('杯子', 'SHUIBEI'), ('水杯', 'SHUIBEI'), ('一个保温杯', 'SHUIBEI'), ('移动电源', 'CDB')
ON CONFLICT DO NOTHING;

-- ---- Business breadth: plans, numbers, members, complaints, check-in, news, questions, contests, coupons, staff
--
--   Plans can be composed of parts 1 to 4 each.  Numbers to choose are 1360013…; tails 888 and 666 cost more.
--   13800138003 has a family member, an answered complaint and a coupon; 13800138005 has a change of plan to come.
--   Event KFR is today: 13800138005 and 13800138007 are in.
--   Quiz, poll and draw are always on.  Staff 12345 asks from 13800138007; 10002 has left.

INSERT INTO bss.plan_alias (alias, plan)
SELECT w.word, v.plan
FROM (VALUES ('CX58', '58'), ('CX98', '98'), ('QQT138', '138'), ('YW19', '19')) AS v (plan, price),
LATERAL (VALUES (v.price || '元套餐'), (v.price || '套餐'), (v.price || '块套餐'), (v.price || '块钱套餐'), (v.price || '元的套餐'),
	(v.price || '块的套餐'), (v.price || '块钱的套餐'), (v.price || '元月租套餐'), (v.price || '元档套餐'), (v.price || '元档'),
	(v.price || ' PLAN'), (v.price || ' YUAN PLAN')) AS w (word)
UNION ALL
VALUES	('畅享58', 'CX58'), ('畅享58元', 'CX58'), ('畅享58套餐', 'CX58'), ('畅享98', 'CX98'), ('畅享98元', 'CX98'), ('畅享98套餐', 'CX98'),
	('全球通138', 'QQT138'), ('全球通138套餐', 'QQT138'), ('全球通套餐', 'QQT138'), ('长者套餐', 'YW19'), ('长者19元', 'YW19'),
	('老人套餐', 'YW19'), ('老年套餐', 'YW19'), ('SENIOR PLAN', 'YW19'), ('GOTONE PLAN', 'QQT138')
ON CONFLICT DO NOTHING;

INSERT INTO bss.plan_part (part, choice, amount, price)
VALUES	('data', 1, 5120, 2000), ('data', 2, 10240, 3000), ('data', 3, 20480, 4500), ('data', 4, 40960, 7000),
	('voice', 1, 100, 1000), ('voice', 2, 200, 1800), ('voice', 3, 500, 3500), ('voice', 4, 1000, 6000),
	('sms', 1, 0, 0), ('sms', 2, 50, 300), ('sms', 3, 100, 500), ('sms', 4, 300, 1000)
ON CONFLICT DO NOTHING;

INSERT INTO bss.plan_change (msisdn, id, at, plan, price, data_mb, voice_min, sms, starts_on, changed_at)
SELECT '13800138005', 'b8a5f1de-0000-4000-8000-000000000005', now(), p.code, p.price, p.data_mb, p.voice_min, p.sms,
	(date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + interval '1 month')::date, now()
FROM bss.plan p
WHERE p.code = 'QQT138'
ON CONFLICT DO NOTHING;

INSERT INTO bss.number (number, prepay)
SELECT n.number, CASE WHEN n.number ~ '(8888|6666|9999)$' THEN 100000 WHEN n.number ~ '(888|666|999|168)$' THEN 20000
	WHEN n.number ~ '[689]$' THEN 5000 ELSE 0 END
FROM (SELECT '1360013' || lpad((g * 37 % 10000)::text, 4, '0') AS number FROM generate_series(1, 300) AS g
	UNION
	SELECT '1360013' || t FROM unnest(ARRAY['8888', '6666', '0888', '2888', '5888', '1666', '3168', '7999']) AS t) AS n
ON CONFLICT DO NOTHING;

SELECT hall_api.codes_make('pickup', 500, 8)
WHERE NOT EXISTS (SELECT FROM bss.code_pool WHERE pool = 'pickup' AND drawn_at IS NULL);

INSERT INTO bss.member (msisdn, circle, member, short, since)
SELECT '13800138003', 'family', '13900139001', 550, timestamptz '2026-03-05 10:00+08'
WHERE NOT EXISTS (SELECT FROM bss.member_past o WHERE o.msisdn = '13800138003')
ON CONFLICT DO NOTHING;

INSERT INTO bss.ticket (msisdn, ticket, id, kind, at, text, answer_by, close_by, state, answer, answered_at, answered_by)
VALUES	('13800138003', 'TS26110100001', 'b8a5f1de-0000-4000-8000-000000000003', 'complaint', '2026-11-01 10:00+08', '地铁里没信号',
	'2026-11-03 10:00+08', '2026-11-16 10:00+08', 'answered', '地铁2号线的设备已修复。', '2026-11-02 09:30+08', 'network')
ON CONFLICT DO NOTHING;

-- An event that is always today: who is in can check in.
INSERT INTO bss.event AS e (code, name_zh, name_en, where_zh, where_en, starts_at, closes_at, places, taken, last_no)
SELECT 'KFR', '客户开放日', 'Open Day', '中山路营业厅', 'Zhongshan Road hall', d.day + interval '20 hours', d.day, 50, 2, 2
FROM (SELECT date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai' AS day) AS d
ON CONFLICT (code) DO UPDATE SET starts_at = excluded.starts_at, closes_at = excluded.closes_at;
INSERT INTO bss.event_alias (alias, event)
VALUES	('开放日', 'KFR'), ('客户开放日活动', 'KFR'), ('KAIFANGRI', 'KFR')
ON CONFLICT DO NOTHING;
INSERT INTO bss.registration (msisdn, event, no, state, signed_at, changed_at)
SELECT v.msisdn, 'KFR', v.no, 'in', now(), now()
FROM (VALUES ('13800138005', 1), ('13800138007', 2)) AS v (msisdn, no)
WHERE NOT EXISTS (SELECT FROM bss.registration r WHERE r.event = 'KFR')
ON CONFLICT DO NOTHING;

INSERT INTO bss.news (code, kind, from_on, until_on, zh, en)
VALUES	('5GWANG', 'news', '2026-11-01', '2099-12-31', '5G网络已覆盖全市地铁，换5G卡免费。', '5G now covers the whole metro; changing to a 5G card is free.'),
	('YYTSJ', 'news', '2026-10-15', '2099-12-31', '全市营业厅周末营业至20:00。', 'All halls are open until 20:00 at weekends.'),
	('WEIHU', 'news', '2026-05-01', '2026-05-02', '5月2日凌晨系统维护。', 'Maintenance in the night of May 2.'),
	('CZSL', 'offer', '2026-11-01', '2099-12-31', '充100元送5GB流量，发CZ加卡密参加。', 'Recharge 100 yuan and get 5 GB: text CZ and the voucher.'),
	('SHUANG11', 'offer', '2026-11-01', '2026-11-12', '双11流量包半价。', 'Data packs at half price for Double 11.')
ON CONFLICT DO NOTHING;

INSERT INTO bss.faq (code, topic_zh, topic_en, zh, en)
VALUES	('CHONGZHI', '充值', 'recharge', '发CZ加16位卡密为本机充值；为他人充值发CZ加对方号码加卡密；也可用手机营业厅APP或到营业厅。',
		'Text CZ and the 16 digits of a voucher; for somebody else CZ, the number and the digits. Our app and halls do it too.'),
	('MIMA', '服务密码', 'password', '改密码发XGMM加旧密码加新密码；忘记密码发CZMM重置；也可持证件到营业厅办理。',
		'Text XGMM, the old and the new password to change it; CZMM if you forgot it. Or bring your ID to a hall.'),
	('XHZW', '携号转网', 'number porting', '先发CXXZ查询能否携出，再发SQXZ看如何申请授权码，60分钟内持授权码和证件到新运营商办理。',
		'Text CXXZ to see whether you can leave, then SQXZ for how to get the code; within 60 minutes take it and your ID to the new operator.'),
	('TINGJI', '停机', 'suspension', '欠费停机请充值，缴清后约10分钟恢复；丢失停机可拨打10086或发短信请人工处理。',
		'In arrears: recharge, service is back within 10 minutes. Lost phone: call 10086 to suspend the number.'),
	('BUKA', '补卡', 'SIM replacement', '本人持有效证件到任一营业厅补卡，当场可用，工本费10元。',
		'Bring your ID to any hall; the new SIM works at once and costs 10 yuan.'),
	('MANYOU', '国际漫游', 'roaming', '出国前可在APP或拨打10086开通国际漫游，按天计费，当地资费以开通时提示为准。',
		'Switch roaming on in our app or by calling 10086 before you go; it is charged by the day.'),
	('FAPIAO', '发票', 'invoice', '月结账单出账后可在APP开具电子发票，充值发票在充值后开具，也可到营业厅。',
		'Get e-invoices in our app once the bill is out, or for each recharge; or visit a hall.'),
	('XIAOHU', '销户', 'closing an account', '请本人持证件到营业厅办理，须先结清话费，取消合约。',
		'Please bring your ID to a hall; all bills must be paid and contracts ended.'),
	('RENGONG', '人工服务', 'talking to us', '拨打10086按0转人工，全天服务；需要专家回电请发HFDH。',
		'Call 10086 and press 0, day and night; for a call from an expert text HFDH.'),
	('XINHAO', '信号不好', 'bad reception', '请先重启手机或换位置；仍不好请发TS加地点和情况，48小时内答复。',
		'Restart the phone or move a little; if that does not help text TS and where: we answer within 48 hours.'),
	('LAJI', '垃圾短信', 'spam', '不想收推广短信请发TD；举报垃圾短信请转发到10086999。',
		'Text TD for no more promotions; forward spam to 10086999.'),
	('YYT', '营业厅', 'our halls', '营业厅周一至周五9:00至18:00，周末至20:00；地址可在APP查询。',
		'Halls are open 9:00 to 18:00, at weekends to 20:00; our app shows where.'),
	('TAOCAN', '换套餐', 'changing plan', '发TCLB看套餐，发BLTC加套餐代码办理，下月生效；发ZHTC可自选流量、通话、短信组合。',
		'Text TCLB for the plans, BLTC and a code to change from next month on; ZHTC to compose your own.'),
	('KAITONG', '开通取消业务', 'services', '开通发KT加业务名，如KT彩铃；取消发QX加业务名，如QX彩铃；0000看已开通的，YWLB看全部。',
		'KT and a service switches it on, as KT CAILING; QX and a service off; 0000 lists yours, YWLB all.'),
	('CHAXUN', '查询', 'asking', '余额发YE，账单发ZD或ZD加月份，流量发LL，套餐发CXTC，积分发JF。',
		'BAL tells your balance, BILL or BILL and a month the bill, DATA the data left, PLAN the plan, POINTS the points.'),
	('HUODONG', '活动报名', 'events', '看活动发HD，报名发BM加代码，取消发QXBM加代码，当天签到发QD。',
		'HD lists events; BM and a code signs up, QXBM and a code cancels, QD checks in on the day.'),
	('JIATING', '家庭成员', 'family', '添加发JTCY加手机号，删除发QXJTCY加手机号，查询发CXJTCY，最多9位，家庭内通话免费。',
		'JTCY and a number adds, QXJTCY and a number removes, CXJTCY lists; up to nine, calls among them are free.'),
	('XUANHAO', '选号', 'choosing a number', '发XH加尾号查号，发YH加号码预占30分钟，发QH领取号码保留3天，持证件到营业厅办理。',
		'XH and last digits finds numbers, YH and a number holds it 30 minutes, QH gives a code that keeps it 3 days; bring it to a hall.'),
	('TOUSU', '投诉', 'complaints', '发TS加内容投诉，48小时内答复；发TSCX查进度；提建议发JY加内容；专家回电发HFDH。',
		'TS and what happened complains, answered within 48 hours; TSCX tells the state; JY suggests; CALL ME for a call.'),
	('CHOUJIANG', '答题投票抽奖', 'contests', '答题发DT，投票发TP，抽奖发CJ，每天一次，优惠券发YHQ查看。',
		'DT asks the quiz, TP votes, CJ draws once a day, YHQ lists your coupons.')
ON CONFLICT DO NOTHING;
INSERT INTO bss.faq_word (word, faq, how)
SELECT w.word, v.faq, true
FROM (VALUES ('CHONGZHI', '{CZ,用卡充值}'::text[]), ('MIMA', '{XGMM,CZMM,MM,重置密码}'),
	('KAITONG', '{KT,QX,3051,3052,3053,开通业务,取消业务,办理业务,退订业务,开业务,办业务,查业务,业务办理,业务取消,业务开通,KTYW,ACTIVATE A SERVICE,CANCEL A SERVICE}'),
	('CHAXUN', '{YE,ZD,LL,JF,TC,CXTC,CXYE,CXLL,HF,余额,话费,流量,账单,积分,查余额,查话费,查流量,查账单,查积分,查套餐,查询余额,查询话费,查询流量,查询账单,查询积分,BAL,BILL,DATA,POINTS,CHECK MY BALANCE}'),
	('HUODONG', '{BM,QXBM,HD,QD,BMCX,活动,报名,签到,取消报名,参加活动,报名活动,EVENT,SIGN UP}'),
	('JIATING', '{JTCY,QXJTCY,CXJTCY,添加家庭成员,加家庭成员,删除家庭成员,加亲情号,办亲情号,设亲情号,亲情号,家庭网,FAMILY MEMBER}'),
	('XUANHAO', '{XH,YH,QH,选号码,选靓号,预占号码,取号,NUMBERS}'), ('XHZW', '{CXXZ,SQXZ,PORT}'),
	('TAOCAN', '{TCLB,BLTC,ZHTC,QXBG,套餐,组合套餐,自选套餐,办组合套餐,PLAN,PLANS}'),
	('TOUSU', '{TS,TSCX,TSBC,JY,HFDH,提建议,COMPLAIN,COMPLAINT}'), ('CHOUJIANG', '{DT,TP,CJ,YHQ,答题,投票,抽奖,中奖,QUIZ,VOTE,DRAW,COUPONS}'),
	('LAJI', '{TD,退订广告,不收广告}')) AS v (faq, words),
LATERAL unnest(v.words) AS w (word)
ON CONFLICT DO NOTHING;
INSERT INTO bss.faq_word (word, faq)
VALUES	('充话费', 'CHONGZHI'), ('交话费', 'CHONGZHI'), ('缴费', 'CHONGZHI'), ('交费', 'CHONGZHI'), ('缴话费', 'CHONGZHI'), ('充钱', 'CHONGZHI'), ('RECHARGE', 'CHONGZHI'),
	('TOP UP', 'CHONGZHI'), ('给别人充值', 'CHONGZHI'), ('帮别人充值', 'CHONGZHI'), ('给朋友充值', 'CHONGZHI'), ('用充值卡', 'CHONGZHI'),
	('密码', 'MIMA'), ('改密码', 'MIMA'), ('修改密码', 'MIMA'), ('修改服务密码', 'MIMA'), ('改服务密码', 'MIMA'), ('换密码', 'MIMA'), ('设置密码', 'MIMA'), ('查密码', 'MIMA'),
	('找回密码', 'MIMA'), ('CHANGE MY PASSWORD', 'MIMA'), ('CHANGE PASSWORD', 'MIMA'),
	('转网', 'XHZW'), ('携号', 'XHZW'), ('携转', 'XHZW'), ('换运营商', 'XHZW'), ('转到联通', 'XHZW'), ('转到电信', 'XHZW'), ('转联通', 'XHZW'), ('转电信', 'XHZW'),
	('办理携号转网', 'XHZW'), ('办携号转网', 'XHZW'), ('申请携号转网', 'XHZW'), ('PORTING', 'XHZW'), ('PORT MY NUMBER', 'XHZW'), ('PORT OUT', 'XHZW'),
	('停机了', 'TINGJI'), ('欠费停机', 'TINGJI'), ('复机', 'TINGJI'), ('开机', 'TINGJI'), ('恢复通话', 'TINGJI'), ('挂失', 'TINGJI'), ('手机丢了', 'TINGJI'),
	('换卡', 'BUKA'), ('补办卡', 'BUKA'), ('补办手机卡', 'BUKA'), ('补手机卡', 'BUKA'), ('补办SIM卡', 'BUKA'), ('补SIM卡', 'BUKA'), ('换5G卡', 'BUKA'), ('卡坏了', 'BUKA'),
	('REPLACE MY SIM', 'BUKA'), ('NEW SIM', 'BUKA'),
	('漫游', 'MANYOU'), ('出国', 'MANYOU'), ('开国际漫游', 'MANYOU'), ('开通国际漫游', 'MANYOU'), ('开通漫游', 'MANYOU'), ('出国用', 'MANYOU'), ('ROAMING', 'MANYOU'), ('ROAM', 'MANYOU'),
	('开发票', 'FAPIAO'), ('电子发票', 'FAPIAO'), ('开电子发票', 'FAPIAO'), ('打发票', 'FAPIAO'), ('INVOICE', 'FAPIAO'), ('GET AN INVOICE', 'FAPIAO'),
	('销号', 'XIAOHU'), ('注销', 'XIAOHU'), ('注销手机号', 'XIAOHU'), ('注销号码', 'XIAOHU'), ('注销手机卡', 'XIAOHU'), ('CLOSE MY ACCOUNT', 'XIAOHU'),
	('人工', 'RENGONG'), ('转人工', 'RENGONG'), ('人工客服', 'RENGONG'), ('找人工', 'RENGONG'), ('联系客服', 'RENGONG'), ('转人工客服', 'RENGONG'), ('找客服', 'RENGONG'), ('TALK TO A PERSON', 'RENGONG'),
	('没信号', 'XINHAO'), ('信号差', 'XINHAO'), ('网速慢', 'XINHAO'), ('网络慢', 'XINHAO'), ('上不了网', 'XINHAO'), ('NO SIGNAL', 'XINHAO'),
	('举报垃圾短信', 'LAJI'), ('屏蔽广告', 'LAJI'), ('广告短信', 'LAJI'), ('骚扰短信', 'LAJI'), ('屏蔽垃圾短信', 'LAJI'), ('SPAM', 'LAJI'),
	('营业时间', 'YYT'), ('营业厅地址', 'YYT'), ('营业厅时间', 'YYT'), ('营业厅在哪', 'YYT'), ('营业厅几点关门', 'YYT'), ('营业厅几点开门', 'YYT'), ('HALLS', 'YYT'), ('OPENING HOURS', 'YYT'),
	('改套餐', 'TAOCAN'), ('变更套餐', 'TAOCAN'), ('更换套餐', 'TAOCAN'), ('更改套餐', 'TAOCAN'), ('套餐变更', 'TAOCAN'), ('办套餐', 'TAOCAN'), ('办理套餐', 'TAOCAN'), ('降套餐', 'TAOCAN'),
	('升级套餐', 'TAOCAN'), ('CHANGE MY PLAN', 'TAOCAN'), ('CHANGE PLAN', 'TAOCAN')
ON CONFLICT DO NOTHING;

INSERT INTO bss.quiz (code, from_at, until_at, zh, en, right_answer)
VALUES	('WANGLUO', '2026-11-01', '2100-01-01', '5G的G是什么意思？A千兆 B代 C全球 D网关', 'What does the G of 5G stand for? A gigabyte B generation C global D gateway', 'B')
ON CONFLICT DO NOTHING;

INSERT INTO bss.poll (code, from_at, until_at, name_zh, name_en)
VALUES	('FUWU', '2026-11-01', '2100-01-01', '您最满意的服务', 'The service you like best')
ON CONFLICT DO NOTHING;
INSERT INTO bss.poll_option (poll, no, name_zh, name_en)
VALUES	('FUWU', 1, '短信营业厅', 'SMS hall'), ('FUWU', 2, '手机APP', 'App'), ('FUWU', 3, '10086热线', '10086 hotline'), ('FUWU', 4, '营业厅', 'Halls')
ON CONFLICT DO NOTHING;

INSERT INTO bss.draw (code, from_at, until_at, name_zh, name_en)
VALUES	('XINGYUN', '2026-11-01', '2100-01-01', '天天抽奖', 'Daily draw')
ON CONFLICT DO NOTHING;
INSERT INTO bss.prize (draw, prize, name_zh, name_en, amount, valid_days, number)
VALUES	('XINGYUN', 'J5', '5元话费券', '5 yuan coupon', 500, 30, 200), ('XINGYUN', 'J20', '20元话费券', '20 yuan coupon', 2000, 30, 50)
ON CONFLICT DO NOTHING;
SELECT hall_api.draw_fill('XINGYUN', 750);

INSERT INTO bss.coupon (msisdn, coupon, name_zh, name_en, amount, until_on)
VALUES	('13800138003', '5F0A3C9D71E2', '5元话费券', '5 yuan coupon', 500, '2099-12-31')
ON CONFLICT DO NOTHING;

INSERT INTO bss.staff (code, hall, msisdn, active)
VALUES	('12345', '中山路营业厅', '13800138007', true), ('10001', '人民广场营业厅', NULL, true), ('10002', '科技园体验店', NULL, false)
ON CONFLICT DO NOTHING;

-- ---- Messages we start: halls, agreements, dealers, warnings, policies, invoices, duty
--
--   13900139010 (HX001) and 13900139011 (YG002) are dealers; 13900139012 manages their area, 13900139013 the city.
--   13900139014, 015 and 013 are on duty for complaints, in that order.  Those, and 13800138007, are on the list `staff`.
--   13800138006 was at the counter a while ago and has not said how it was.  13800138003 has an agreement and an invoice
--   that end soon, 13800138008 a service.  Customers of halls who judged them have numbers 13900200000 and on.

INSERT INTO bss.hall (code, name_zh, name_en)
VALUES	('ZSL', '中山路营业厅', 'Zhongshan Road hall'), ('RMGC', '人民广场营业厅', 'People''s Square hall'),
	('KJY', '科技园体验店', 'Science Park store')
ON CONFLICT DO NOTHING;

-- Of this month and the last; a hall that has few answers among them.
INSERT INTO bss.survey_answer (msisdn, case_id, at, business, hall, score, id)
SELECT '139002' || lpad((h.first + g)::text, 5, '0'), 'demo ' || to_char(m.month, 'YYYYMM') || h.hall || g,
	(m.month + g * interval '1 minute') AT TIME ZONE 'Asia/Shanghai',
	(ARRAY['open', 'card', 'prepay', 'payment', 'product'])[g % 5 + 1], h.hall, (h.scores)[g % array_length(h.scores, 1) + 1],
	md5('demo ' || m.month || h.hall || g)::uuid
FROM (VALUES ('ZSL', 0, 30, ARRAY[9, 10, 8, 10, 9, 6]), ('RMGC', 100, 24, ARRAY[8, 9, 7, 10, 5, 8]), ('KJY', 200, 4, ARRAY[10, 9]))
	AS h (hall, first, answers, scores),
LATERAL generate_series(1, h.answers) AS g,
LATERAL (SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') - n * interval '1 month' AS month
	FROM generate_series(0, 1) AS n) AS m
ON CONFLICT DO NOTHING;

-- Reported and dealt with; only the answer is missing.
INSERT INTO hall.trigger AS t (id, name, key, msisdn, data, at, state, why)
VALUES	('b8a5f1de-0000-4000-8000-000000000006', 'counter_transaction', 'demo 1', '13800138006',
	'{"business": "card", "hall": "ZSL", "clerk": "12345"}', date_trunc('second', now() - interval '1 hour'), 'ignored', 'a sample')
ON CONFLICT ON CONSTRAINT trigger_name_key DO UPDATE SET at = excluded.at, state = excluded.state, why = excluded.why;

INSERT INTO bss.agreement AS a (msisdn, agreement, name_zh, name_en, starts_on, ends_on)
SELECT v.msisdn, v.agreement, v.zh, v.en, d.today + v.days - 365, d.today + v.days
FROM (VALUES ('13800138003', 'HT20240118', '手机合约', 'Handset contract', 28),
	('13900139010', 'DL20240007', '代办点协议', 'Dealer agreement', 26),
	('13800138000', 'HT20250102', '宽带合约', 'Broadband contract', 200)) AS v (msisdn, agreement, zh, en, days),
	(SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today) AS d
ON CONFLICT ON CONSTRAINT agreement_pkey DO UPDATE SET ends_on = excluded.ends_on
WHERE a.ends_on < excluded.ends_on - 7;

INSERT INTO bss.dealer (dealer, name_zh, name_en)
VALUES	('HX001', '红星手机店', 'Red Star Phones'), ('YG002', '阳光通讯', 'Sunshine Telecom')
ON CONFLICT DO NOTHING;
INSERT INTO bss.dealer_contact (msisdn, dealer, rank)
VALUES	('13900139010', 'HX001', 1), ('13900139011', 'YG002', 1), ('13900139012', 'HX001', 2), ('13900139012', 'YG002', 2),
	('13900139013', 'HX001', 3), ('13900139013', 'YG002', 3)
ON CONFLICT DO NOTHING;
INSERT INTO bss.warning (warning, key, dealer, severity, at, zh, en)
VALUES	('YJ26110100001', 'demo 1', 'HX001', 1, '2026-11-01 09:00+08', '本周开户量下降40%', 'new numbers fell by 40 % this week')
ON CONFLICT DO NOTHING;
INSERT INTO bss.policy AS p (policy, zh, en, link, at, confirm_by)
VALUES	('ZC202611', '实名登记新要求', 'New rules of identification', '10086.cn/zc11', now() - interval '1 day', now() + interval '6 days')
ON CONFLICT ON CONSTRAINT policy_pkey DO UPDATE SET at = excluded.at, confirm_by = excluded.confirm_by;
INSERT INTO bss.policy_receipt (dealer, policy, msisdn, at, id)
VALUES	('YG002', 'ZC202611', '13900139011', now(), 'b8a5f1de-0000-4000-8000-000000000011')
ON CONFLICT DO NOTHING;

INSERT INTO bss.invoice (msisdn, month, amount, due_on)
SELECT '13800138003', (date_trunc('month', d.today) - interval '1 month')::date, 14930, d.today + 2
FROM (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today) AS d
ON CONFLICT ON CONSTRAINT invoice_pkey DO UPDATE SET due_on = excluded.due_on;

UPDATE bss.subscription b
SET ends_on = (now() AT TIME ZONE 'Asia/Shanghai')::date + 3
WHERE b.msisdn = '13800138008' AND b.service = 'CXTY';

INSERT INTO bss.duty (msisdn, rank)
VALUES	('13900139014', 1), ('13900139015', 2), ('13900139013', 3)
ON CONFLICT DO NOTHING;
INSERT INTO hall.number_list (msisdn, list, why)
SELECT v.msisdn, 'staff', v.why
FROM (VALUES ('13800138007', 'code 12345'), ('13900139012', 'area manager'), ('13900139013', 'city manager'), ('13900139014', 'duty'),
	('13900139015', 'duty')) AS v (msisdn, why)
ON CONFLICT DO NOTHING;
