#!/usr/bin/perl
# Every core command through the real gateway, in the forms that customers type, in Chinese and English, with what each
# changes in the books; and the hall's own answers to what is used up, full, unknown, malformed or no command at all.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use POSIX qw(strftime);
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my ($a, $b, $c, $d, $english) = map { "1380013800$_" } 0, 1, 2, 4, 9;
my ($month, $next) = $hall->sql(q{SELECT to_char(m, 'YYYYMM') FROM (SELECT (now() AT TIME ZONE 'Asia/Shanghai')) x (n),
	LATERAL (VALUES (n - interval '1 month'), (n + interval '1 month')) v (m)});

sub says {
	my ($from, $text, $re) = @_;
	my @answers = $hall->ask($from, $text);
	is(scalar @answers, 1, "$text: one answer") or diag(explain \@answers);
	like($answers[0] // '', $re, '… which says so');
}
sub money { return $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$_[0]'") }
sub yuan { return sprintf '%.2f', $_[0] / 100 }

# Money.
says($a, $_, qr/86\.50/) for 'YE', 'cxye', 'ｃｘｙｅ。', '查詢餘額', '帮我查下余额，谢谢', '1O1', ' y e ';
says($b, '余额', qr/1\.20.*(?:充值|CZ)/);
says($c, '余额', qr/-12\.30.*欠费/);
says('19912345678', 'YE', qr/10086/);
says($english, 'bal', qr/balance.*230\.75/);

# Bills.
my $total = yuan($hall->sql("SELECT total FROM bss.bill WHERE msisdn = '$a' AND to_char(month, 'YYYYMM') = '$month'"));
says($a, $_, qr/\Q$total\E/) for "ZD $month", "zd$month", "1011#$month", '上个月账单',
	sprintf('%d年%d月账单', $month =~ /(....)(..)/), sprintf('%d月份账单', substr $month, 4);
my $so_far = yuan($hall->sql("SELECT total FROM bss.bill WHERE msisdn = '$a' ORDER BY month DESC LIMIT 1"));
says($a, '账单', qr/\Q$so_far\E/);
says($a, "ZD $next", qr/没到.*12个月/);
says($a, 'ZD 202001', qr/超出/);
says($a, 'ZD abc', qr/ZD 20\d{4}/);
says($english, "bill $month", qr/^Bill.*yuan/);
says($english, "BILL $next", qr/not come yet/);

# Plan, data, points.
says($a, $_, qr/畅享58/) for 'CXTC', '103', '我的套餐';
says($a, $_, qr/6\.3|6452/) for 'CXLL', '剩余流量', 'ＬＬ';
says($a, $_, qr/3260/) for 'JF', '積分查詢';
says($english, 'points', qr/9100/);

# Services: asked about first; the price is taken once, and not at all from who cannot pay.
says($a, 'KT CAILING', qr/彩铃.*5元.*QX CAILING.*回复Y/);
is(money($a), 8650, 'a question costs nothing');
says($a, 'Y', qr/已为您开通彩铃/);
is(money($a), 8150, 'the price is taken');
says($a, '开通彩铃', qr/彩铃/);
is(money($a), 8150, '… once');
says($a, '0000', qr/彩铃.*CAILING|CAILING.*彩铃/s);
says($c, 'ＫＴ　ＬＤＸＳ。', qr/余额/);
is(money($c), -1230, 'nothing from who has nothing');
is(scalar $hall->sql("SELECT count(*) FROM bss.subscription WHERE msisdn = '$c'"), 0, '… and nothing is on');
says($a, 'KT WUCIYEWU', qr/WUCIYEWU|没有/i);
says($a, 'KT CXTY', qr/彩信体验/);
says($a, '我不想开通手机报', qr/./);
says($a, '怎么开通手机报？', qr/手机报/);
is(scalar $hall->sql("SELECT string_agg(service, ',') FROM bss.subscription WHERE msisdn = '$a'"), 'CAILING', 'a refusal and a question order nothing');
says($a, '取消 彩鈴', qr/彩铃/);
is(scalar $hall->sql("SELECT count(*) FROM bss.subscription WHERE msisdn = '$a'"), 0, 'it is off');
says($a, 'QX CAILING', qr/彩铃/);
is(money($a), 8150, 'cancelling costs nothing');
says($english, 'KT CAILING', qr/Color Ring.*reply/i);
says($english, 'yes', qr/Color Ring is on/);
says($english, 'QX CAILING', qr/Color Ring/);

# Events: two places taken, five may wait, one does.
says($a, 'HD', qr/秋季沙龙/);
says($a, 'BM QIUJI', qr/秋季沙龙/);
says($a, '报名秋季沙龙', qr/秋季沙龙/);
is(scalar $hall->sql("SELECT count(*) FROM bss.registration WHERE msisdn = '$a' AND event = 'QIUJI' AND state = 'in'"), 1, 'he is in, once');
my $waiting = 1;
for my $number ($a, $b, $c, '13800138006') {
	$waiting++;
	says($number, 'BM MANYUAN', qr/满员讲座.*\b$waiting\b|\b$waiting\b.*满员讲座|第$waiting|候补/s);
}
says('13800138007', '报名满员讲座', qr/满员讲座/);
is(scalar $hall->sql(q{SELECT taken || ' ' || waiting FROM bss.event WHERE code = 'MANYUAN'}), '2 5', 'full is full');
says('13800138005', 'QXBM MANYUAN', qr/满员讲座/);
is(scalar $hall->sql("SELECT state FROM bss.registration WHERE msisdn = '$d' AND event = 'MANYUAN'"), 'in', 'the first who waited has the place');
says($a, 'BM CHUNJI', qr/春季沙龙/);
says($a, 'BM WUCIHUODONG', qr/./);
says($a, '秋季沙龙不去了，取消报名', qr/秋季沙龙/);
is(scalar $hall->sql("SELECT state FROM bss.registration WHERE msisdn = '$a' AND event = 'QIUJI'"), 'cancelled', 'he is out');
says($english, 'BM QIUJI', qr/Autumn Salon/);

# Vouchers: 10, 20, 50, 100 yuan in turn.
says($a, 'CZ 1234567890120001', qr/\b10元.*91\.50/);
is(money($a), 9150, 'ten yuan more');
says($a, 'CZ1234567890120001', qr/./);
says($b, 'cz#1234567890120001', qr/./);
is(join(' ', money($a), money($b)), '9150 120', 'a voucher is worth something once');
says($a, $_->[0], qr/\Q$_->[1]\E/) for ['ＣＺ　１２３４　５６７８　９０１２　０００２', '：20元'], ['充值1234567890120003', '：50元'],
	['CZ 1234-5678-9012-0004', '：100元'];
is(money($a), 26150, 'in every way to type it');
says($a, 'CZ 13900139000 1234567890120005', qr/10元/);
is(money('13900139000'), 3000, 'for somebody else');
my $before = join ' ', $hall->sql('SELECT balance FROM bss.account ORDER BY msisdn');
says($a, $_, qr/./) for 'CZ 1234567890129001', 'CZ 1234567890129002', 'CZ 9999888877776666';
says($a, $_, qr/16/) for 'CZ', 'CZ 123', 'CZ 12345678901200066';
says($a, '昨天我充值1234567890120006没到账', qr/./);
is(join(' ', $hall->sql('SELECT balance FROM bss.account ORDER BY msisdn')), $before, 'used, expired, unknown, malformed and told: nobody is richer');
is(scalar $hall->sql(q{SELECT count(*) FROM bss.account a WHERE balance <> (SELECT balance FROM bss.payment p WHERE p.msisdn = a.msisdn
	ORDER BY at DESC, id LIMIT 1)}), 0, 'each balance is what its last payment says');

# Several orders that wait are told apart, and what a number will do is said.
my $undecided = '13800138007';
says($undecided, $_, qr/^您申请开通/) for 'KT CAILING', 'KT LDXS';
says($undecided, 'Y', qr/^您有几项待确认，确认哪一项？请回复序号：1\.您申请开通来电显示；2\.您申请开通彩铃$/);
says($undecided, '算了', qr/，不办哪一项？请回复序号：1\./);
says($undecided, '2', qr/未办理/);
says($undecided, 'Y', qr/已为您开通来电显示/);
says($english, $_, qr/^You asked for/) for 'KT LDXS', 'KT SJB';
says($english, 'no', qr/number of the one to drop: 1 You asked for Mobile News by our; 2 You asked for Caller ID by our$/);
says($english, $_, qr/nothing was charged/) for '1', 'no';

# No command at all.
says($a, '今天天气怎么样', qr/YE/);
says($english, 'what a nice day', qr/BAL/);
says($a, '0', qr/1\.话费.*2\.流量/);
says($a, '00', qr/已退出/);
says($a, 'HELP', qr/YE/);

# The handset program.
my ($rc, $out, $err) = $hall->smsctl('phone', $a, '余额');
is($rc, 0, 'smsctl phone') or diag($err);
like($out, qr/261\.50/, '… prints the answer');
($rc, $out) = $hall->smsctl('phone', '--to', '1008601', $a, '--', 'YE');
is($rc, 0, '… to an extension');
my $line = $hall->new_line;
$line->send("LISTEN $a");
$hall->stop('smsd');
($rc, $out, $err) = $hall->smsctl('phone', '--timeout', '1', $a, 'YE');
is($rc, 1, '… and fails when nobody answers');
like($err, qr/no answer within 1 s/, '… saying so');
$hall->start('smsd');
like($line->expect(qr/^MT $a /, 15) // '', qr/261\.50/, 'the text waited and is answered when smsd is back');
done_testing;
