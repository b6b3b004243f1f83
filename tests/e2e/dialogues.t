#!/usr/bin/perl
# Questions and their answers, through the gateway: confirmations with evidence, late and stray answers, changed prices,
# several at once, steps, menus, questions that a command opens, passwords, codes, who and when, limits, what nobody
# understands, and that killing smsd between question and answer loses neither.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
# Customers that no example of the tables is about: examples are tried each time tables are applied.
$hall->sql(<<'EOS');
INSERT INTO bss.subscriber (msisdn, brand, province, plan, plan_since)
SELECT '1370000001' || i, CASE i WHEN 9 THEN 'mzone' ELSE 'gotone' END, 'js', (SELECT min(code) FROM bss.plan), '2026-01-01'
FROM generate_series(0, 9) AS i;
INSERT INTO bss.account SELECT '1370000001' || i, 20000, '2027-05-31' FROM generate_series(0, 9) AS i;
INSERT INTO bss.points SELECT '1370000001' || i, 100, 0, '2026-12-31' FROM generate_series(0, 9) AS i;
INSERT INTO bss.password (msisdn, hash, changed_at)
SELECT '1370000001' || i, p.hash, now() FROM generate_series(0, 9) AS i, (SELECT min(hash) AS hash FROM bss.password) AS p;
EOS
my $talks = Hall::slurp("$FindBin::Bin/tables/talks.yaml");
$hall->apply('talks.yaml' => $talks);
my $me = '13700000016';

sub says {
	my ($text, $re, $what, $who) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return like($hall->answer($who // $me, $text), $re, $what);
}
sub on { return $hall->sql("SELECT count(*) FROM bss.subscription WHERE msisdn = '$_[0]' AND service = '$_[1]'") }
sub balance { return $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$_[0]'") }
sub evidence {
	my ($who) = @_;
	return join ' ', $hall->sql("SELECT coalesce(result, 'open') || ':' || coalesce(outcome, '-') FROM hall.evidence
		WHERE msisdn = '$who' ORDER BY asked_at");
}

# ---- double confirmation
my $before = balance($me);
says('DD CAILING', qr/^开彩铃，5元，2小时内回Y$/, 'an order is asked about');
is(on($me, 'CAILING'), 0, '… and not done');
is(balance($me), $before, '… nor charged');
says('YE', qr/余额/, 'another command may come between');
says('dd 彩铃', qr/^开彩铃，5元，2小时内回Y$/, 'the same order again is asked the same');
is($hall->sql("SELECT count(*) FROM hall.evidence WHERE msisdn = '$me'"), 1, '… and is one question still');
says('好的', qr/^开彩铃/, 'what may be a mere "I see" is no yes');
is(on($me, 'CAILING'), 0, '… nothing is done');
says('Y？', qr/没看懂|是不是要/, 'nor is a question');
says('ｙ。', qr/^开好彩铃$/, 'a yes does it');
is(on($me, 'CAILING'), 1, '… it is on');
is(balance($me), $before - 500, '… and charged once');
says('Y', qr/^开好彩铃$/, 'the same yes again hears the same');
is(balance($me), $before - 500, '… and is charged no second time');
is(evidence($me), 'accepted:ok', 'the evidence: what was asked, what was answered');
like(scalar $hall->sql("SELECT concat_ws('|', command, price_version, question, answer, within_until > at, answered_at IS NOT NULL,
	(SELECT count(*) FROM hall.mt AS m WHERE m.msisdn = e.msisdn AND m.id = e.question_mt),
	(SELECT o.outcome FROM hall.mo AS o WHERE o.msisdn = e.msisdn AND o.id = e.answer_id))
	FROM hall.evidence AS e WHERE msisdn = '$me'"),
	qr/^talks\.order\|\d+\|开彩铃，5元，2小时内回Y\|ｙ。\|t\|t\|1\|ok$/, '… with both texts, both times and the price version');
says('DD CAILING', qr/^开好彩铃$/, 'the same order again hears the same, for its effect holds');
says('dd 彩铃', qr/^有了彩铃$/, 'in other words: what is on is not asked about');
says('DD LDXS', qr/^开来电显示/, 'another order');
says('不要了', qr/未办理/, 'declined');
is(on($me, 'LDXS'), 0, '… is not done');
says('DD LDXS', qr/^开来电显示/, 'ordered again');
says('Y', qr/^开好来电显示$/, 'a yes that was said to another order minutes ago is this one\'s now');
is(on($me, 'LDXS'), 1, '… and does it');
is(evidence($me), 'accepted:ok declined:- accepted:ok', '… and all on record');

my $other = '13700000013';
says('Y', qr/没有待确认/, 'a yes to nothing says so', $other);
says('DD YXB', qr/^开游戏包/, 'a third order', $other);
$hall->sql("UPDATE hall.dialogue SET until = now() - interval '1 second' WHERE msisdn = '$other'");
says('Y', qr/超过有效时间/, 'a late yes says so', $other);
is(on($other, 'YXB'), 0, '… and does nothing');
is(evidence($other), 'late:-', '… and is on record');
says('Y', qr/没有待确认/, '… once', $other);

# The price changes between question and answer.
says('DD YXB', qr/^开游戏包/, 'an order', $other);
my $price = $hall->sql(q{UPDATE bss.service SET price = price + 100 WHERE code = 'YXB' RETURNING price});
my $new = $price / 100;
says('Y', qr/^资费有变化.*开游戏包，${new}元/, 'another price is asked about again', $other);
is(on($other, 'YXB'), 0, '… nothing is done before');
says('是的', qr/^开好游戏包$/, 'a yes to that does it', $other);
is(evidence($other), 'late:- changed:- accepted:ok', '… and all is on record');

# Two orders wait.
my $two = '13700000014';
says('DD LDXS', qr/^开来电显示/, 'one order', $two);
says('DD SJB', qr/^开手机报/, 'and another', $two);
says('Y', qr/1\.开手机报.*2\.开来电显示/, 'a yes that fits both asks which', $two);
says('2', qr/^开好来电显示$/, '… and the number says it', $two);
is(on($two, 'SJB'), 0, '… the other still waits');
says('确认', qr/^开好手机报$/, '… for its own yes', $two);

# Tables change between question and answer: what was asked is what is done.
my $three = '13700000017';
says('DD LDXS', qr/^开来电显示/, 'an order', $three);
(my $changed = $talks) =~ s/"开好\{\{name\}\}"/"新{{name}}"/;
$changed =~ s/SELECT outcome, name, balance FROM/SELECT outcome, name FROM/;
$hall->apply('talks.yaml' => $changed);
says('Y', qr/^开好来电显示$/, 'an answer belongs to the tables that asked', $three);
says('DD YXB', qr/^开游戏包/, 'an order by the new ones', $three);
$hall->apply('talks.yaml' => $talks);
$hall->kill('smsd');
$hall->start('smsd');
ok($hall->ready, 'smsd was killed between question and answer');
says('Y', qr/^新游戏包$/, 'the answer still belongs to the tables that asked', $three);
is(on($three, 'YXB'), 1, '… and is done');

# ---- steps
says('ZU', qr/^流量选1到3$/, 'the first missing argument is asked for');
says('9', qr/^流量只有1到3$/, '… again when it is no such value');
says('２。', qr/^语音选1到3$/, '… then the second');
says('YE', qr/余额/, 'a whole command may interrupt');
says('3', qr/^流量2语音3$/, '… and the answer still fits');
says('ZU 1 1', qr/^流量1语音1$/, 'nothing is asked where all is given');
says('ZU', qr/流量/, 'again');
says('退出', qr/已退出/, 'one may leave');
says('ZU', qr/流量/, 'again');
says("垃圾$_", qr/流量只有/, "nonsense $_") for 1 .. 2;
says('垃圾3', qr/结束/, 'three times nonsense ends it');

# ---- menus
says('MM', qr/^总 1\.余额 2\.更多 3\.组合 4\.开彩铃 回复序号，00退出$/, 'a menu');
says('2', qr/^内 1\.积分 2\.贵宾 回复序号，0返回，00退出$/, 'a menu in it');
says('2', qr/不能办理/, '… that leads to what is not for him');
says('MM', qr/^总/, 'the menu once more');
says('2', qr/^内/, 'the menu in it');
says('0', qr/^总/, 'back');
says('7', qr/没看懂您的回复.*总/, 'no such choice');
says('选3', qr/^语音选/, 'a choice that needs more asks');
says('1', qr/^流量3语音1$/, '… and goes on');
says('MM', qr/^总/, 'the menu again');
says('余额', qr/余额/, 'a label says it too');
says('MM', qr/^总/, 'the menu again', $two);
says('4', qr/^开彩铃/, 'a choice that charges asks first', $two);
says('00', qr/./, 'whatever 00 is now', $two);
says('N', qr/未办理/, 'and no', $two);
says('MM', qr/^总/, 'the menu again');
says('00', qr/已退出/, 'out');

# ---- what a command opens
says('PF', qr/^请打1到5分$/, 'a command opens a question');
says('4分', qr/./, 'a near answer is something else');
says('5', qr/^hall-7得5分$/, 'the answer goes where it should');

# ---- passwords and codes
says('BX', qr/服务密码/, 'a password is asked for');
says('111111', qr/不对.*2次/, 'a wrong one');
says('123456', qr/^保险箱开了$/, 'the right one');
is($hall->sql(q{SELECT count(*) FROM hall.mo WHERE text LIKE '%123456%' OR folded LIKE '%123456%' OR text LIKE '%111111%'}), 0, 'no password is stored');
unlike($hall->log('smsd'), qr/123456|111111/, '… nor logged');
says('BX', qr/服务密码/, 'again', $two);
says("99999$_", qr/不对/, "wrong $_", $two) for 1, 2;
says('999993', qr/多次错误.*之后再试/, 'the third one locks', $two);
says('BX', qr/多次错误/, '… for a while', $two);
$hall->sql("UPDATE hall.wrong_secret SET until = now() WHERE msisdn = '$two'");
says('BX', qr/服务密码/, '… and then not', $two);
like(scalar $hall->sql("SELECT times FROM hall.wrong_secret WHERE msisdn = '$two'"), qr/^3$/, 'wrong ones are remembered, so that the next pause is longer');
my ($code) = $hall->answer($me, 'YZ') =~ /(\d{6})/;
ok($code, 'a code is sent to the handset');
says(sprintf('%06d', ($code + 1) % 1000000), qr/不对/, 'a wrong one');
says($code, qr/^验证通过$/, 'the right one');
is($hall->sql("SELECT count(*) FROM hall.dialogue WHERE question LIKE '%$code%'"), 0, 'the code waits nowhere in clear');

# ---- who, when, how often
says('TQ', qr/^全球通$/, 'for this brand', '13700000010');
says('TQ', qr/不能办理/, 'not for that', '13700000019');
says('VV', qr/不能办理/, 'not on the list');
$hall->sql("INSERT INTO hall.number_list (msisdn, list) VALUES ('$me', 'vip')");
says('VV', qr/^贵宾$/, 'on the list');
says('GQ', qr/不在办理时间（08:00-22:00）/, 'over');
says('PF2', qr/^可以$/, "often $_") for 1, 2;
says('PF2', qr/太频繁/, 'too often');
$hall->sql("INSERT INTO hall.number_list (msisdn, list) VALUES ('13700000015', 'block')");
is($hall->answer('13700000015', 'YE', timeout => 2), '', 'a blocked number is not answered');
is($hall->sql(q{SELECT outcome FROM hall.mo WHERE msisdn = '13700000015'}), 'blocked', '… and that is on record');

# ---- what nobody understands
my $lost = '13700000012';
says('余饿', qr/余额/, 'one clear slip of a harmless command is answered straight', $lost);
my $offer = $hall->answer($lost, 'KKT CAILING');
like($offer, qr/是不是要：1\./, 'others are offered');
says('1', qr/彩铃/, '… and the number runs it', $lost);
says('火星文字母', qr/没看懂/, "nonsense $_", $lost) for 1 .. 3;
is($hall->answer($lost, '火星文字母', timeout => 2), '', 'the fourth time we are silent');
says('YE', qr/余额/, 'a command is answered still', $lost);

my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
