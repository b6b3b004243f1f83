#!/usr/bin/perl
# Those who work with us: warnings go from one to the next until somebody answers, policies until they are confirmed, complaints
# to who is on duty; what customers hear of their complaint.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
# Only what this test makes.
$hall->sql(q{DELETE FROM bss.ticket; DELETE FROM bss.warning; DELETE FROM bss.policy_receipt; DELETE FROM bss.policy});

sub runs { my ($r) = @_; return scalar $hall->sql(qq{SELECT string_agg(step || state || rows, ' ' ORDER BY due, step) FROM hall.reminder_run WHERE reminder = '$r'}) // '' }
sub ran { my ($r, $want) = @_; return $hall->wait_until(60, sub { runs($r) eq $want && !$hall->sql('SELECT count(*) FROM hall.reminder_row') }) || diag("$r: " . runs($r)) && 0 }
sub later { $hall->sql(qq{UPDATE hall.reminder_run SET due = date_trunc('second', now()) WHERE reminder = '$_[0]' AND state = 'new'}); return }
# A schedule's run at a moment.
sub at { $hall->sql(qq{INSERT INTO hall.reminder_run (id, reminder, step, due) VALUES (gen_random_uuid(), '$_[0]', 1, date_trunc('second', $_[1]))}); return }
sub made { my ($r) = @_; return join ' ', $hall->sql(qq{SELECT right(msisdn, 2) FROM hall.mt WHERE wording = '$r' ORDER BY at, msisdn}) }

my ($red, $sun, $area, $city, $first, $second) = map { "139001390$_" } 10, 11, 12, 13, 14, 15;
# Answers to what they text come in between: each message is known by what it says.
my ($lr, $ls, $la, $lc, $l1, $l2) = map { $hall->ear($_) } $red, $sun, $area, $city, $first, $second;

# ---- warnings
my $warning = $hall->sql(q{SELECT warning FROM hall_api.warning_raise('risk 1', 'HX001', 1, '连续3天无开户', 'no new numbers for 3 days', now())});
is($lr->heard(60, qr/请尽快处理/), "预警$warning：红星手机店连续3天无开户，请尽快处理，回复1确认。", 'a warning: the dealer is told');
ok(ran('dealers.warning', '1ran1 2new0'), '… the next level waits');
is($hall->sql(q{SELECT max(due) - min(ran_at) FROM hall.reminder_run WHERE reminder = 'dealers.warning'}) =~ /^00:(29:59|30:00)/ ? 1 : 0, 1, '… for half an hour');
later('dealers.warning');
is($la->heard(60, qr/请尽快处理/), "【无人确认】预警$warning：红星手机店连续3天无开户，请尽快处理，回复1确认。", 'nobody answers: his manager is told');
like($hall->answer($area, '收到'), qr/^已登记由您处理预警$warning（红星手机店）/, '… who answers');
later('dealers.warning');
ok(ran('dealers.warning', '1ran1 2ran1 3ran0'), '… so that nobody else is told');
like($hall->answer($red, '1'), qr/^预警$warning（红星手机店）已由139\*\*\*\*9012于.*确认/, '… and the dealer hears who has it');
is(made('dealers.warning'), '10 12', 'two were told');
$warning = $hall->sql(q{SELECT warning FROM hall_api.warning_raise('risk 2', 'YG002', 3, '疑似套利', 'suspected arbitrage', now())});
ok($ls->heard(60, qr/疑似套利/), 'a grave one: all three are told');
ok($la->heard(60, qr/阳光通讯疑似套利/), '… his manager');
ok($lc->heard(60, qr/阳光通讯疑似套利/), '… and the city\'s');
like($hall->answer($city, '1'), qr/^已登记由您处理/, '… one of whom answers');
later('dealers.warning');
ok($hall->wait_until(60, sub { runs('dealers.warning') =~ /1ran3 (?:3ran0 )?2ran0$/ }), '… which ends it') or diag runs('dealers.warning');

# ---- policies
$hall->sql(q{SELECT hall_api.policy_publish('ZC202612', '年末促销规则', 'Rules of the year-end sale', '10086.cn/zc12', now() + interval '7 days', now())});
ok($lr->heard(60, qr{^政策ZC202612《年末促销规则》10086\.cn/zc12 请阅后于\d+月\d+日前回复1确认。$}), 'a policy: each dealer is told');
ok($ls->heard(60, qr/^政策ZC202612/), '… the other too');
like($hall->answer($red, '收到'), qr/^政策ZC202612《年末促销规则》已确认/, 'one confirms');
ok(ran('dealers.policy', '1ran2 2new0'), 'a day later');
later('dealers.policy');
ok($ls->heard(60, qr/^再次提醒：政策ZC202612/), '… the other is reminded');
like($hall->answer($area, 'ZCTJ'), qr{^政策ZC202612《年末促销规则》1/2家已确认，未确认：阳光通讯。}, 'staff see who is missing');
ok(ran('dealers.policy', '1ran2 2ran1 3new0'), 'another day later');
later('dealers.policy');
ok($ls->heard(60, qr/^再次提醒：政策ZC202612/), '… he is reminded again');
is($la->heard(60, qr/尚未确认/), '阳光通讯尚未确认政策ZC202612《年末促销规则》，请督促，名单发ZCTJ查询。', '… and his manager told');
like($hall->answer($sun, '1'), qr/^政策ZC202612《年末促销规则》已确认/, 'he confirms');
like($hall->answer($area, 'ZCTJ'), qr/2家代办点已全部确认/, '… so all have');
is(made('dealers.policy'), '10 11 11 11 12', 'each was told as often as it took');

# ---- complaints
my $customer = '13800138006';
my $lk = $hall->ear($customer);
my $ticket = $hall->sql(qq{SELECT ticket FROM hall_api.ticket_report('hotline', 'call 9', '$customer', 'complaint', '断网两天', now())});
ok($lk->heard(60, qr/^您的投诉已受理，单号$ticket，.*前答复。补充情况请直接回复，查进度发TSCX。$/), 'a complaint by the hotline: the customer has its number');
like($hall->answer($customer, '地点是中山路8号'), qr/^已补充到投诉单$ticket/, '… and adds to it by answering');
$hall->sql(qq{UPDATE bss.ticket SET answer_by = date_trunc('second', now() + interval '3 hours') WHERE ticket = '$ticket'});
at('complaints.due', 'now()');
ok($l1->heard(60, qr/^投诉单$ticket（138\*\*\*\*8006）须在.*前答复，接单请回复1，列表发GDCX。$/), 'three hours before it must be answered: who is on duty is told');
$hall->sql(qq{UPDATE bss.ticket SET answer_by = date_trunc('second', now() - interval '1 hour') WHERE ticket = '$ticket'});
at('complaints.overdue', 'now()');
ok($l1->heard(60, qr/^【1级超时】投诉单$ticket（138\*\*\*\*8006）应于.*前答复，请立即处理，接单回复1。$/), 'overdue: who is on duty is told');
at('complaints.overdue', q{now() + interval '1 second'});
ok($hall->wait_until(60, sub { 2 == (() = runs('complaints.overdue') =~ /1ran1/g) }), '… and found again');
ok($hall->wait_until(60, sub { !$hall->sql('SELECT count(*) FROM hall.reminder_row') }), '… a while later');
is(made('complaints.overdue'), '14', '… but told once');
$hall->sql(qq{UPDATE bss.ticket SET answer_by = date_trunc('second', now() - interval '5 hours') WHERE ticket = '$ticket'});
at('complaints.overdue', q{now() + interval '2 seconds'});
ok($l2->heard(60, qr/^【2级超时】投诉单$ticket/), 'for four hours: the next one');
like($hall->answer($second, '1'), qr/^工单${ticket}已由您接单，24小时内不再上报/, '… who takes it on');
$hall->sql(qq{UPDATE bss.ticket SET answer_by = date_trunc('second', now() - interval '25 hours') WHERE ticket = '$ticket'});
at('complaints.overdue', q{now() + interval '3 seconds'});
ok($hall->wait_until(60, sub { runs('complaints.overdue') =~ /1ran0$/ }), '… so that it goes no further') or diag runs('complaints.overdue');
like($hall->answer($second, 'GDCX'), qr/没有待接的工单/, 'none waits');
$hall->sql(qq{SELECT hall_api.ticket_answer('$customer', '$ticket', '线路已修复。', false, 'network', now())});
is($lk->heard(60, qr/答复：/), "您的投诉${ticket}答复：线路已修复。未解决请直接回复。", 'the answer reaches the customer');
like($hall->answer($customer, '晚上还是断'), qr/^已补充到投诉单$ticket/, '… who is not content');
$hall->sql(qq{SELECT hall_api.ticket_answer('$customer', '$ticket', '已更换设备。', true, 'network', now())});
is($lk->heard(60, qr/已办结：/), "您的投诉${ticket}已办结：已更换设备。仍有问题请发TS加内容。", '… then it is settled');
is($hall->sql(qq{SELECT string_agg(text, ' ' ORDER BY at, text) FROM bss.ticket_note WHERE ticket = '$ticket'}), '地点是中山路8号 晚上还是断', 'what he added is there');
is($hall->sql(q{SELECT max(segments) FROM hall.mt WHERE cause = 'reminder'}), 1, 'each message is one segment');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
