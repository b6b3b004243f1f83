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
