#!/usr/bin/perl
# The evidence of double confirmation: what was asked before a charge, whether the question came, what was answered and
# what was done, per order, with numbers masked; each state that an order can have; and `smsctl trace` tells of a text
# which order it made or answered.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my ($number, $masked) = ('13800138002', '138****8002');
my $now = $hall->sql("SELECT date_trunc('second', now())");
my $serial = 0;

sub uuid { return sprintf '00000000-0000-4000-8000-%012d', ++$serial }
sub quote { my ($v) = @_; return defined $v ? "'" . $v =~ s/'/''/gr . "'" : 'NULL' }

# A text and its answer, minutes ago; their ids.
sub exchange {
	my ($ago, $text, $outcome, $answer, $state) = @_;
	my ($mo, $mt) = (uuid(), uuid());
	my $at = "timestamptz '$now' - interval '$ago minutes'";
	my ($t, $o, $a, $s) = map { quote($_) } $text, $outcome, $answer, $state;
	$hall->sql("INSERT INTO hall.mo (msisdn, at, id, port, link, text, folded, command, outcome, version, instance, conn, batch)
		VALUES ('$number', $at, '$mo', '10086', 'main', $t, $t, 'services.service_on', $o, 1, 'hall1', 0, 1);
		INSERT INTO hall.mt (msisdn, at, id, class, cause, cause_id, port, link, receiver, text, segments, report, state,
			reported_at, instance, conn, batch)
		VALUES ('$number', $at, '$mt', 'reply', 'mo', '$mo', '10086', 'main', '$number', $a, 1, true, $s,
			CASE WHEN $s = 'delivered' THEN $at + interval '3 s' END, 'hall1', 0,
			extract(epoch FROM $at + interval '1 s') * 1e6)");
	return ($mo, $mt);
}

# An order: minutes ago, its question and what it was answered (minutes ago, text, result, outcome, reply).
sub order {
	my ($ago, $question, $within, @answer) = @_;
	my ($mo, $mt) = exchange($ago, '开通彩铃', 'confirm', $question, 'delivered');
	my ($then, $text, $result, $outcome, $reply) = @answer;
	my ($answer) = @answer ? exchange($then, $text, $outcome, $reply, 'failed') : ();
	my ($q, $r, $o, $x, $i) = map { quote($_) } $question, $result, $outcome, $text, $answer;
	$hall->sql("INSERT INTO hall.evidence (msisdn, at, id, asked_at, command, function, version, port, link, lang, question, question_mt,
			price_version, within_until, answer, answered_at, answer_id, result, outcome)
		SELECT msisdn, at, id, at + interval '1 s', command, 'hall_cmd.f_0', version, port, link, 'zh', $q, '$mt', '2026-1',
			at + interval '$within minutes', $x, (SELECT a.at FROM hall.mo a WHERE a.id = $i), $i, $r, $o FROM hall.mo WHERE msisdn = '$number' AND id = '$mo'");
	return $mo;
}

sub orders {
	my ($status, $said, $why) = $hall->smsctl('evidence', $_[0], '--json');
	die "evidence: $why" if $status;
	return @{decode_json(encode('UTF-8', $said))};
}

my ($rc, $out, $err) = $hall->smsctl('evidence', $number);
is($rc, 0, 'before any order') or diag($err);
like($out, qr/^nothing was asked/, '… there is nothing');
($rc, $out) = $hall->smsctl('evidence', $number, '--json');
is($out, "[]\n", '… in JSON too');

my %order = (
	accepted => order(300, '彩铃5元/月，回复Y', 60, 290, 'y', 'accepted', 'ok', '已开通彩铃'),
	poor => order(280, '彩铃5元/月，回复Y', 60, 270, 'Y', 'accepted', 'insufficient', '余额不足'),
	declined => order(260, '彩铃5元/月，回复Y', 60, 250, '算了', 'declined', 'declined', '没有开通'),
	late => order(240, '彩铃5元/月，回复Y', 20, 200, 'Y', 'late', 'late', '晚了'),
	expired => order(100, '彩铃5元/月，回复Y', 60),
	open => order(10, '彩铃"5"元/月，回复Y', 60),
);
# The price changed: his answer was asked about anew.
$order{changed} = order(90, '彩铃5元/月，回复Y', 60, 85, 'Y', 'changed', 'confirm', '彩铃现为6元/月，回复Y');
$hall->sql("INSERT INTO hall.evidence (msisdn, at, id, asked_at, command, function, version, port, link, lang, question, question_mt,
		price_version, within_until)
	SELECT e.msisdn, e.answered_at, e.answer_id, e.answered_at + interval '1 s', e.command, e.function, e.version, e.port, e.link, e.lang, m.text, m.id, '2026-2',
		e.answered_at + interval '60 minutes'
	FROM hall.evidence e JOIN hall.mt m ON m.msisdn = e.msisdn AND m.at = e.answered_at AND m.cause_id = e.answer_id
	WHERE e.id = '$order{changed}'");

($rc, $out, $err) = $hall->smsctl('evidence', $number, '--json');
is($rc, 0, 'evidence --json') or diag($err);
my $list = eval { decode_json(encode('UTF-8', $out)) } // [];
is($@, '', '… is JSON') or diag($out);
is(join(' ', map { $_->{state} } @$list), 'accepted accepted declined late expired changed expired open', 'every order, the oldest first');
my %by = map { $_->{order} => $_ } @$list;
my $one = $by{$order{accepted}};
is_deeply([@$one{qw(number result outcome command function tables_version price_version port link lang asked_again)}],
	[$masked, qw(accepted ok services.service_on hall_cmd.f_0 1 2026-1 10086 main zh), undef], 'an order tells all');
is($one->{ordered}{text}, '开通彩铃', '… the text');
is_deeply([@{$one->{question}}{qw(text state segments)}], ['彩铃5元/月，回复Y', 'delivered', 1], '… the question, and that it was delivered');
is_deeply([@{$one->{answer}}{qw(text outcome)}], ['y', 'ok'], '… the answer as typed');
is_deeply([@{$one->{reply}}{qw(text state)}], ['已开通彩铃', 'failed'], '… and what he was told');
my @times = ($one->{ordered}{at}, @{$one->{question}}{qw(at reported_at)}, $one->{answer}{at}, $one->{question}{answer_before});
is(scalar(grep { !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/ } @times), 0, '… with times') or diag("@times");
is("@times", join(' ', sort @times), '… in order');
is($by{$order{poor}}{outcome}, 'insufficient', 'a yes that money was lacking for');
is_deeply([@{$by{$order{expired}}}{qw(answer reply result)}], [undef, undef, undef], 'no answer');
is($by{$order{open}}{question}{text}, '彩铃"5"元/月，回复Y', 'quotes in a question');
my $again = $by{$order{changed}}{asked_again};
is_deeply([@{$by{$again}}{qw(price_version state)}], ['2026-2', 'expired'], 'a changed price leads to the next order');
is($by{$again}{ordered}{text}, 'Y', '… which the answer made');
unlike($out, qr/$number/, 'the number is masked');

($rc, $out, $err) = $hall->smsctl('evidence', "+86$number");
is($rc, 0, 'as text') or diag($err);
my @blocks = split /\n\n/, $out;
is(scalar @blocks, 8, '… a block an order');
like($blocks[0], qr/^order +\Q$order{accepted}\E\nstate +accepted\nnumber +\Q$masked\E\n/, '… the number masked');
like($blocks[0], qr/^command +services\.service_on, tables version 1, price version 2026-1$/m, '… the price');
like($blocks[0], qr/^ordered +[\d-]+ [\d:+]+  开通彩铃\nasked +[\d-]+ [\d:+]+, delivered [\d-]+ [\d:+]+\nquestion +彩铃5元/m, '… the question');
like($blocks[0], qr/^answered +[\d-]+ [\d:+]+  y\noutcome +ok\nreplied +.*failed\nreply +已开通彩铃$/m, '… the answer') or diag($blocks[0]);
like($blocks[4], qr/^state +expired$/m, '… nobody answered');
unlike($blocks[4], qr/^answered/m, '… so nothing is said of it');
like($blocks[5], qr/^state +changed, asked again: order \Q$again\E$/m, '… the price changed');

# One order, for a regulator.
($rc, $out, $err) = $hall->smsctl('evidence', $number, '--order', $order{late}, '--json', '--unmask');
is($rc, 0, 'one order') or diag($err);
$one = decode_json(encode('UTF-8', $out));
is_deeply([@$one{qw(order number state)}], [$order{late}, $number, 'late'], '… alone, with the number');
($rc, $out) = $hall->smsctl('evidence', $number, '--order', $order{late});
is(scalar(() = $out =~ /^order /mg), 1, '… as text too');
($rc, $out, $err) = $hall->smsctl('evidence', '13800138001', '--order', $order{late});
is($rc, 1, 'an order of somebody else is not found');
like($err, qr/no order with the id \Q$order{late}\E \(smsctl evidence/, '… and said so');
($rc, $out) = $hall->smsctl('evidence', $number, '--since', '20m', '--json');
is_deeply([map { $_->{order} } @{decode_json(encode('UTF-8', $out))}], [$order{open}], '--since');
($rc, $out) = $hall->smsctl('evidence', $number, '--until', '270m', '--json');
is_deeply([map { $_->{order} } @{decode_json(encode('UTF-8', $out))}], [@order{qw(accepted poor)}], '--until');
for my $wrong ([], ['10086'], [$number, '--order', 'first'], [$number, '--since', 'then'], [$number, '--until', 'now'], [$number, $number],
	[$number, '--order', $order{late}, '--since', '1h']) {
	($rc, $out, $err) = $hall->smsctl('evidence', @$wrong);
	is($rc, 2, "evidence @$wrong is a wrong command line");
}

# What happened with him, with the orders.
($rc, $out, $err) = $hall->smsctl('trace', $number, '--json');
is($rc, 0, 'trace') or diag($err);
my @mo = grep { $_->{what} eq 'MO' } @{decode_json(encode('UTF-8', $out))};
my %mo = map { $_->{id} => $_ } @mo;
is(scalar @mo, 12, '… of all texts, each once');
is_deeply({ map { $_ => $mo{$order{$_}}{asked} } keys %order }, { (map { $_ => $_ } keys %order), poor => 'accepted' },
	'… tells what became of each order');
is_deeply([map { [@$_{qw(answered answers)}] } $mo{$by{$order{late}}{answer}{id}}], [['late', $order{late}]], '… and of each answer');
is_deeply([@{$mo{$again}}{qw(asked answered answers)}], ['expired', 'changed', $order{changed}], '… of a text that was both');
($rc, $out) = $hall->smsctl('trace', $number);
like($out, qr/ asked: expired, answered: changed \(order \Q$order{changed}\E\), v1 +Y$/m, '… as text too') or diag($out);

# A real conversation: asked, agreed, charged once.
my $customer = '13800138006';
my $money = $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$customer'");
my $question = $hall->answer($customer, '开通彩铃！');
like($question, qr/^您申请.*彩铃.*5(\.00)?元\/月.*回复Y/, 'a question before the charge');
my ($here) = orders($customer);
is_deeply([@$here{qw(state command answer)}], ['open', 'services.service_on', undef], '… is an open order');
is_deeply([$here->{question}{text}, $here->{ordered}{text}], [$question, '开通彩铃！'], '… as it was sent, and what was typed');
like($here->{question}{state}, qr/^(sent|accepted|delivered)$/, '… and sent');
is(scalar $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$customer'"), $money, '… and nothing is charged');
my $reply = $hall->answer($customer, 'ｙ。');
like($reply, qr/已为您开通彩铃/, 'agreed');
($here) = orders($customer);
is_deeply([@$here{qw(state outcome)}, @{$here->{answer}}{qw(text command outcome)}, $here->{reply}{text}],
	['accepted', 'ok', 'ｙ。', 'services.service_on', 'ok', $reply], '… and the order tells');
is($here->{price_version}, scalar $hall->sql("SELECT price_version FROM bss.service WHERE code = 'CAILING'"), '… the price that both were about');
is(scalar $hall->sql("SELECT balance FROM bss.account WHERE msisdn = '$customer'"), $money - 500, '… charged once');
like($hall->answer('13800138007', '开通彩铃'), qr/回复Y/, 'somebody else is asked');
like($hall->answer('13800138007', '算了'), qr/./, '… and declines');
is((orders('13800138007'))[0]{state}, 'declined', '… which is known');
($rc, $out) = $hall->smsctl('trace', $customer, '--json');
@mo = grep { $_->{what} eq 'MO' } @{decode_json(encode('UTF-8', $out))};
is_deeply([map { [@$_{qw(result asked answered answers)}] } @mo],
	[['confirm', 'accepted', undef, undef], ['ok', undef, 'accepted', $here->{order}]], 'trace tells the dialogue');

# What is gone from the texts is still there.
$hall->sql("DELETE FROM hall.mo WHERE msisdn = '$number'; DELETE FROM hall.mt WHERE msisdn = '$number'");
($rc, $out, $err) = $hall->smsctl('evidence', $number, '--order', $order{declined});
is($rc, 0, 'without the texts') or diag($err);
like($out, qr/^question +彩铃5元.*^answered .*算了\noutcome +declined$/ms, '… the question and the answer are known');
done_testing;
