#!/usr/bin/perl
# The way from what no command answered to a wording for it: `smsctl unmatched` groups the texts, masks what may be
# somebody's and leaves small talk out; `smsctl tables alias` puts the wording into the file, changing no other byte, or
# refuses; and then the text is understood.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $banter = <<'EOY';
table: banter
about: Small talk
scope: group
ports: ["10086"]
commands:
  hello:
    about: A greeting
    say: ["哈喽小厅同志"]
    chat: true
    risk: query
    sql: SELECT 'ok' AS outcome
    reply:
      ok: {zh: "您好", en: "Hello"}
      none: {zh: "您好", en: "Hello"}
    examples:
      - {text: "哈喽小厅同志"}
EOY

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->apply('banter.yaml' => $banter);
my ($rc, $out, $err) = $hall->smsctl('unmatched');
is($rc, 0, 'before any text') or diag($err);
like($out, qr/^every text was answered by a command\nof 0 texts since .*: 0 answered by no command \(0\.0%\), 0 small talk \(0\.0%\)$/,
	'… there is nothing');

# What is answered, what is not, and small talk.
my @asked = (
	['13800138000', 'YE'], ['13800138000', '哈喽小厅同志'], ['13800138001', '哈喽小厅同志'],
	['13800138003', '紫色大象几时飞 2026112233'], ['13800138003', '紫色大象，几时飞２０２６１１２２４４！'],
	['13800138004', '紫色大象几时飞 138 0013 8009'], ['13800138004', '橙色的狗叫12345声 9'], ['13800138006', 'KT'],
	['13800138007', 'KT！'], ['13800138008', '橙色的狗叫54321声9'],
);
isnt($hall->answer(@$_), '', "$_->[1] is answered") for @asked;

($rc, $out, $err) = $hall->smsctl('unmatched', '--json');
is($rc, 0, 'unmatched --json') or diag($err);
my $told = eval { decode_json(encode('UTF-8', $out)) } // {};
is($@, '', '… is JSON');
is_deeply([@$told{qw(texts unmatched small_talk wordings)}], [10, 7, 2, 4], '… with the sums') or diag($out);
my @list = @{$told->{list}};
is_deeply([map { $_->{count} } @list], [2, 2, 2, 1], 'texts that differ in digits and spaces are one line, the most frequent first')
	or diag($out);
my ($dogs) = grep { $_->{text} =~ /橙色/ } @list;
is_deeply([@$dogs{qw(text count senders example outcome command)}],
	['橙色的狗叫‹5›声9', 2, 2, '橙色的狗叫‹5›声9', 'unknown', undef], 'short numbers are left, others told by their length');
my ($ten) = grep { $_->{text} =~ /紫色.*‹10›/ } @list;
is_deeply([@$ten{qw(count senders outcome command)}], [2, 1, 'unknown', undef], 'one sender, two texts');
is($ten->{text}, '紫色大象 几时飞‹10›', '… folded');
my ($eleven) = grep { $_->{text} =~ /紫色.*‹11›/ } @list;
is($eleven->{example}, '紫色大象几时飞 ‹11›', 'a number with spaces is one number');
my ($usage) = grep { $_->{outcome} eq 'usage' } @list;
is_deeply([@$usage{qw(text count senders command)}], ['KT', 2, 2, 'services.service_on'], 'a usage text is no answer');
like($usage->{answer}, qr/KT/, '… and is shown');
is($usage->{example}, 'KT！', '… an example is as typed, the newest');
like($_->{first_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "$_->{text}: a first time"), cmp_ok($_->{last_at}, 'ge', $_->{first_at}, '… and a last')
	for @list;
is_deeply([grep { /\d{4}|哈喽/ } map { @$_{qw(text example)} } @list], [], 'no number is told, nor small talk');

($rc, $out, $err) = $hall->smsctl('unmatched', '--limit', 1, '--since', '1h');
is($rc, 0, 'as a table') or diag($err);
is(scalar(() = $out =~ /紫色|橙色|KT/g) > 0 ? scalar(split /\n/, $out) : 0, 4, 'a title, a line, what is left out, the sum') or diag($out);
like($out, qr/^… and 3 more of these lines \(--limit 4 shows all\)$/m, '… says that there are more');
like($out, qr/^of 10 texts since .*: 7 answered by no command \(70\.0%\), 2 small talk \(20\.0%\)$/m, '… and the shares');
($rc, $out) = $hall->smsctl('unmatched', '--since', '2099-01-01');
like($out, qr/^of 0 texts/m, '--since takes a day');
for my $wrong ([qw(--since lately)], [qw(--since 2026-02-30)], [qw(--limit 0)], [qw(--limit many)], ['more']) {
	($rc, $out, $err) = $hall->smsctl('unmatched', @$wrong);
	is($rc, 2, "@$wrong is a wrong command line");
	like($err, qr/\Q$wrong->[-1]\E/, '… which says what') or diag($err);
}

# What was not even answered, for it looked like a machine's.
my @said = map { $hall->answer('13800138009', '绿绿的太阳在水里', timeout => 2) } 1 .. 4;
is(scalar(grep { $_ ne '' } @said), 3, 'the same again and again is answered no more');
($rc, $out) = $hall->smsctl('unmatched', '--json');
my ($sun) = grep { $_->{text} =~ /太阳/ } @{decode_json(encode('UTF-8', $out))->{list}};
is_deeply([@$sun{qw(count senders outcome answer)}], [4, 1, 'silent', undef], '… and is counted') or diag($out);

# Wordings, into files of every style.
my %style = (
	'dashes.yaml' => <<'EOY',
# a comment
table: dashes
about: Items behind dashes
scope: group
ports: ["10086"]
commands:
  first:
    about: The first
    say:      # the wordings
      - "绿色蜗牛"       # the slow one
      # none below
    risk: query
    sql: SELECT 'ok' AS outcome
    reply: {ok: {zh: "一", en: "one"}, none: {zh: "无", en: "none"}}
    examples:
    - {text: "绿色蜗牛",
       expect: ok}   # wrapped

  second:
    about: |
      The second,
      in two lines

    match: ['(?x) 蓝色 蜗牛 \d+']
    risk: query
    sql: SELECT 'ok' AS outcome
    reply: {ok: {zh: "二", en: "two"}, none: {zh: "无", en: "none"}}
    examples:
      - text: '蓝色蜗牛7'
        expect: ok
EOY
	'flow.yaml' => <<'EOY' =~ s/\n\z//r,
table: flow
about: Items in brackets
scope: group
ports: ["10086"]
commands:
  third:
    about: The third
    say: ["红色蜗牛", '它''s 红', 红蜗, ]
    risk: query
    sql: SELECT 'ok' AS outcome
    reply: {ok: {zh: "三", en: "three"}, none: {zh: "无", en: "none"}}
    examples: [{text: "红色蜗牛"}, {text: "红蜗", expect: ok}]
  fourth:
    about: The fourth
    args:
      n: {is: number}
    say: [
      "白色蜗牛 {n}",   # of a number
      "白蜗 {n}"        # short
    ]
    risk: query
    sql: SELECT 'ok' AS outcome, CAST(:n AS integer) AS n
    reply: {ok: {zh: "四", en: "four"}, none: {zh: "无", en: "none"}}
    examples:
      - {text: "白蜗 5"}
EOY
);
$style{'crlf.yaml'} = $style{'dashes.yaml'} =~ s/dashes/crlf/r =~ s/绿色/灰色/gr =~ s/蓝色/黑色/gr =~ s/\n/\r\n/gr;
my $dir = $hall->tables_dir('banter.yaml' => $banter, %style);
sub file { my ($name) = @_; local $/; open my $in, '<:raw', "$dir/$name" or die $!; return Encode::decode('UTF-8', <$in>) }
sub alias { return $hall->smsctl('tables', 'alias', $dir, @_) }
sub same_but { my ($name, $re, $with) = @_; my $is = $style{$name}; $is =~ s/$re/$with/ or die "no $re"; $style{$name} = $is }
($rc, $out, $err) = $hall->smsctl('tables', 'check', $dir, '--offline');
is($rc, 0, 'the files are good') or diag($out, $err);

($rc, $out, $err) = alias('dashes.first', '快点的蜗牛', '--dry-run');
is($rc, 0, 'a dry run') or diag($err);
like($out, qr{^\Q$dir\E/dashes\.yaml:11: - "快点的蜗牛"\n\Q$dir\E/dashes\.yaml:19: - \{text: "快点的蜗牛"\}$}m, '… tells the lines') or diag($out);
is(file('dashes.yaml'), $style{'dashes.yaml'}, '… and changes nothing');
for my $name ('dashes', 'crlf') {
	my $nl = $name eq 'crlf' ? "\r\n" : "\n";
	($rc, $out, $err) = alias("$name.first", "快点的$name");
	is($rc, 0, "$name: behind the last dash") or diag($err);
	same_but("$name.yaml", qr/(?<=the slow one)/, qq($nl      - "快点的$name"));
	same_but("$name.yaml", qr/(?<=# wrapped)/, qq($nl    - {text: "快点的$name"}));
	is(file("$name.yaml"), $style{"$name.yaml"}, '… and no other byte');
	($rc, $out, $err) = alias("$name.second", "慢点的$name");
	is($rc, 0, "$name: a command of patterns gets its say") or diag($err);
	same_but("$name.yaml", qr/(?<=in two lines)/, qq($nl    say: ["慢点的$name"]));
	same_but("$name.yaml", qr/(?=\s+\z)/, qq(${nl}PLACE));
	$style{"$name.yaml"} =~ s/PLACE/      - text: '慢点的$name'/;
	is(file("$name.yaml"), $style{"$name.yaml"}, '… where it belongs');
}
($rc, $out, $err) = alias('flow.third', '别"的\\红 蜗');
is($rc, 0, 'in brackets') or diag($err);
same_but('flow.yaml', qr/红蜗(?=, \])/, '红蜗, "别\\"的\\\\\\\\红 蜗"' =~ s/\\\\\\\\/\\\\/r);
same_but('flow.yaml', qr/expect: ok\}(?=\])/, 'expect: ok}, {text: "别\\"的\\\\红 蜗"}');
is(file('flow.yaml'), $style{'flow.yaml'}, '… with what must be escaped');
($rc, $out, $err) = alias('flow.fourth', '白牛{n}');
is($rc, 1, 'a wording with arguments needs an example');
like($err, qr/--example/, '… and says so');
($rc, $out, $err) = alias('flow.fourth', '白牛', '--example', '白牛');
like($err, qr/\{n\}/, 'a wording without the argument that the others have is told of');
same_but('flow.yaml', qr/(?<=白蜗 \{n\}")        # short/, ",        # short\n      \"白牛\"");
same_but('flow.yaml', qr/\z/, "\n      - {text: \"白牛\"}");
is(file('flow.yaml'), $style{'flow.yaml'}, 'a line of its own where the others have one; no newline at the end where none was');

# Refusals change nothing.
my %before = map { $_ => file($_) } 'flow.yaml', 'dashes.yaml', 'bills.yaml';
for ([['dashes.first', '红色蜗牛'], qr{flow\.yaml:8:\d+: error: .*claimed by dashes\.first|dashes\.yaml:\d+:\d+: error: .*claimed by flow\.third}],
	[['dashes.frist', '随便'], qr/did you mean 'dashes\.first'/], [['first', '随便'], qr/did you mean '\w+\.first'/],
	[['flow.fourth', '{n}'], qr/takes any text|--example/], [['flow.fourth', '白{m}', '--example', '白5'], qr/did you mean 'n'|add it to args/],
	[['flow.third', '红('], qr/not closed/], [['flow.third', '！！'], qr/empty/]) {
	($rc, $out, $err) = alias(@{$_->[0]});
	is($rc, 1, "@{$_->[0]} is refused");
	like($err, $_->[1], '… with the reason');
	is_deeply({ map { $_ => file($_) } keys %before }, \%before, '… and the files are as they were');
}
($rc, $out, $err) = alias('flow.third', '红色蜗牛');
is($rc, 0, 'what is there already is no trouble');
like($out, qr/nothing to do/, '… and nothing to do');
($rc, $out, $err) = $hall->smsctl('tables', 'alias', $dir, 'flow.third');
is($rc, 2, 'a wrong command line');
($rc, $out, $err) = $hall->smsctl('tables', 'check', $dir);
is($rc, 0, 'and the folder passes the whole check') or diag($out, $err);

# And it is understood.
($rc, $out, $err) = $hall->smsctl('tables', 'apply', $dir);
is($rc, 0, 'applied') or diag($out, $err);
ok($hall->wait_version, 'smsd has it');
isnt($hall->answer('13800138000', '快点的蜗牛'), '一', 'the dry run is not');
is($hall->answer('13800138000', '快点的dashes'), '一', 'a new wording is');
is($hall->answer('13800138000', '慢点的dashes！'), '二', '… and another');
is($hall->answer('13800138000', '白牛'), '四', '… and one more');
done_testing;
