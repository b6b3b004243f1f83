#!/usr/bin/perl
# Texts on the wire: Chinese, English, emoji and GSM's extension characters arrive whole both ways, long ones in one
# piece; segments are counted as the SMSC sees them; a tip rides only where there is room, and no oftener than it may.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my %says = (
	'英文' => ['Balance: 86.50 yuan', 1],
	'扩展' => ['[{€}] ~ ^ \\ |', 1],
	'整条' => ['x' x 160, 1],
	'两条' => ['x' x 161, 2],
	'扩两' => [('x' x 150) . ('€' x 6), 2],
	'汉字' => ['您的余额为86.50元', 1],
	'七十' => ['汉' x 70, 1],
	'七一' => ['汉' x 71, 2],
	'长文' => ['移动' x 150, 5],
	'表情' => ['好👍🎉', 1],
	'边界' => [('汉' x 66) . '👍' . ('字' x 10), 2],
);
my $commands = join '', map {
	my ($name, $text) = ($_, $says{$_}[0] =~ s/([\\"])/\\$1/gr);
	(my $id = $name) =~ s/(.)/sprintf 'c%x', ord $1/ge;
	<<"EOC";
  $id:
    about: Says something
    say: ["念$name"]
    risk: query
    sql: SELECT 'ok' AS outcome
    reply:
      ok: {zh: "$text", en: "$text"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "念$name", from: "13800138000", expect: ok}
EOC
} sort keys %says;
my $n = 0;
my $table = <<"EOY";
table: saying
about: Says what it is told to
scope: group
ports: ["10086"]
commands:
$commands
  short:
    about: Leaves room for a tip
    say: ["念短"]
    risk: query
    sql: SELECT 'ok' AS outcome
    tip: test
    reply:
      ok: {zh: "短", en: "short"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "念短", from: "13800138000", expect: ok}
  full:
    about: Leaves none
    say: ["念满"]
    risk: query
    sql: SELECT 'ok' AS outcome
    tip: test
    reply:
      ok: {zh: "@{['满' x 65]}", en: "@{['x' x 155]}"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "念满", from: "13800138000", expect: ok}
tips:
  test_tip: {for: [test], text: {zh: "小贴士:试试手机营业厅", en: "Tip: try the app"}, cap: 2 per 7 days}
EOY

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->apply('saying.yaml' => $table);

for my $name (sort keys %says) {
	my ($text, $segments) = @{$says{$name}};
	my @mt = $hall->ask_all('13800138000', "念$name");
	is(scalar @mt, 1, "$name: one answer");
	is($mt[0]{text}, $text, '… as written');
	is($mt[0]{segments}, $segments, "… in $segments");
	is(scalar $hall->sql("SELECT segments FROM hall.mt ORDER BY batch DESC, at DESC LIMIT 1"), $segments, '… and so counted');
	is($mt[0]{from}, '10086', '… from the number that was written to');
}

# What customers write.  None of it is a command, so it is kept as typed, and answered.
for my $text ('今天天气怎么样', 'How is the weather?', '好👍🎉', '[{€}] ~ ^ \\ |', '繁體字也收到', "两行\n文字",
	'很长的一条短信' x 30, 'A long text of several parts. ' x 20, '👨‍👩‍👧 ' x 40) {
	my $number = sprintf '1330000%04d', ++$n;
	my @mt = $hall->ask_all($number, $text);
	is(scalar @mt, 1, sprintf '%d characters get one answer', length $text);
	my $kept = $hall->sql("SELECT replace(text, E'\\n', '⏎') FROM hall.mo WHERE msisdn = '$number'");
	is($kept, $text =~ s/\n/⏎/gr =~ s/\s+$//r, '… and arrive whole') unless $text =~ /\s$/;
	is($kept =~ s/\s+$//r, $text =~ s/\s+$//r, '… and arrive whole') if $text =~ /\s$/;
}

# Numbers as they come, the ports and their extensions.
my ($mt) = $hall->ask_all('+8613800138000', '念汉字');
is($mt->{text}, $says{'汉字'}[0], 'an international number is answered');
is(scalar $hall->sql(q{SELECT count(*) FROM hall.mo WHERE msisdn LIKE '+%' OR msisdn LIKE '86%'}), 0, '… and known by its home form');
($mt) = $hall->ask_all('13800138000', '念汉字', to => '1008601');
is($mt->{from}, '1008601', 'an extension answers as itself');
is(scalar $hall->ask_all('10086', '念汉字', timeout => 2), 0, 'our own number gets no answer: that would be a loop');
is(scalar $hall->ask_all('BANK', '念汉字', timeout => 2), 0, 'nor does a name');
cmp_ok($hall->metrics->{smsd_mo_ignored_total}, '>=', 2, '… both are counted');

# Tips.  The control group of a tip sees none, but this one has none.
my $tip = '小贴士:试试手机营业厅';
my @tips = map { scalar(() = $hall->answer('13800138005', '念短') =~ /\Q$tip\E/g) } 1 .. 4;
is_deeply(\@tips, [1, 1, 0, 0], 'a tip rides twice in seven days and not again');
like($hall->answer('13800138006', '念短'), qr/^短.*\Q$tip\E/s, 'another customer has his own count');
is($hall->answer('13800138007', '念满'), '满' x 65, 'no tip where it would need another segment');
like($hall->answer('13800138009', '念短'), qr/^short.*Tip: try the app/s, 'in English for who wants English');
is($hall->metrics->{'smsd_tip_total{tip="saying.test_tip"}'} // $hall->metrics->{'smsd_tip_total{tip="test_tip"}'}, 4, 'tips are counted');
done_testing;
