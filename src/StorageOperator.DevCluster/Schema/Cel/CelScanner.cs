using System.Globalization;
using System.Text;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>What kind of token.</summary>
internal enum CelTokenKind
{
    End,
    Name,
    Literal,
    Symbol,
}

/// <summary>One token of an expression.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, object? Value, int Position);

/// <summary>Cuts an expression into tokens.</summary>
internal sealed class CelScanner(string text)
{
    private static readonly string[] Symbols =
        ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    private int _at;

    internal CelToken Next()
    {
        SkipBlanks();
        var start = _at;
        if (_at == text.Length)
        {
            return new CelToken(CelTokenKind.End, "", null, start);
        }

        if (StringPrefix() is { } prefix)
        {
            return new CelToken(CelTokenKind.Literal, "", ReadString(prefix), start);
        }

        if (char.IsAsciiLetter(text[_at]) || text[_at] == '_')
        {
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            {
                _at++;
            }

            return Word(text[start.._at], start);
        }

        if (char.IsAsciiDigit(text[_at]) || (text[_at] == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
        {
            return new CelToken(CelTokenKind.Literal, "", ReadNumber(), start);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0)
            {
                _at += symbol.Length;
                return new CelToken(CelTokenKind.Symbol, symbol, null, start);
            }
        }

        throw new CelSyntaxException($"Syntax error: token recognition error at: '{text[_at]}'", start);
    }

    private static CelToken Word(string word, int start) => word switch
    {
        "true" => new CelToken(CelTokenKind.Literal, word, true, start),
        "false" => new CelToken(CelTokenKind.Literal, word, false, start),
        "null" => new CelToken(CelTokenKind.Literal, word, null, start),
        "in" => new CelToken(CelTokenKind.Symbol, word, null, start),
        _ => new CelToken(CelTokenKind.Name, word, null, start),
    };

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
            else if (string.CompareOrdinal(text, _at, "//", 0, 2) == 0)
            {
                _at = text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>The prefix of a string that begins here (r for raw), or null if none does.</summary>
    private string? StringPrefix()
    {
        var at = _at;
        if (text[at] is 'r' or 'R')
        {
            at++;
        }

        return at < text.Length && text[at] is '"' or '\'' ? text[_at..at] : null;
    }

    private string ReadString(string prefix)
    {
        var start = _at;
        _at += prefix.Length;
        var quote = new string(text[_at], text.AsSpan(_at).StartsWith(new string(text[_at], 3), StringComparison.Ordinal) ? 3 : 1);
        _at += quote.Length;
        var result = new StringBuilder();
        while (_at < text.Length && string.CompareOrdinal(text, _at, quote, 0, quote.Length) != 0)
        {
            if (text[_at] == '\\' && prefix.Length == 0)
            {
                result.Append(ReadEscape());
            }
            else if (text[_at] == '\n' && quote.Length == 1)
            {
                break;
            }
            else
            {
                result.Append(text[_at++]);
            }
        }

        if (_at >= text.Length || text[_at] == '\n')
        {
            throw new CelSyntaxException("Syntax error: the string has no end", start);
        }

        _at += quote.Length;
        return result.ToString();
    }

    private string ReadEscape()
    {
        var start = _at++;
        var letter = _at < text.Length ? text[_at++] : '\0';
        switch (letter)
        {
            case 'n': return "\n";
            case 't': return "\t";
            case 'r': return "\r";
            case 'a': return "\a";
            case 'b': return "\b";
            case 'f': return "\f";
            case 'v': return "\v";
            case '\\' or '"' or '\'' or '`' or '?': return letter.ToString();
            case 'u': return Code(4);
            case 'U': return Code(8);
            case 'x' or 'X': return Code(2);
            default: throw new CelSyntaxException("Syntax error: unknown escape in a string", start);
        }

        string Code(int length)
        {
            if (_at + length > text.Length
                || !int.TryParse(text.AsSpan(_at, length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code)
                || !Rune.IsValid(code))
            {
                throw new CelSyntaxException("Syntax error: unknown escape in a string", start);
            }

            _at += length;
            return new Rune(code).ToString();
        }
    }

    private object ReadNumber()
    {
        var start = _at;
        if (text[_at] == '0' && _at + 1 < text.Length && text[_at + 1] is 'x' or 'X')
        {
            _at += 2;
            Skip(char.IsAsciiHexDigit);
            return Integer(text[(start + 2).._at], NumberStyles.HexNumber);
        }

        Skip(char.IsAsciiDigit);
        var isDouble = false;
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            isDouble = true;
            _at++;
            Skip(char.IsAsciiDigit);
        }

        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            isDouble = true;
            _at += _at + 1 < text.Length && text[_at + 1] is '+' or '-' ? 2 : 1;
            Skip(char.IsAsciiDigit);
        }

        return isDouble ? double.Parse(text.AsSpan(start, _at - start), CultureInfo.InvariantCulture)
            : Integer(text[start.._at], NumberStyles.None);

        object Integer(string digits, NumberStyles style)
        {
            if (_at < text.Length && text[_at] is 'u' or 'U')
            {
                _at++;
                return Whole(digits, style, ulong.MaxValue, start);
            }

            // 9223372036854775808 is only the operand of a minus sign; it wraps to the one number it can mean.
            return unchecked((long)Whole(digits, style, (ulong)long.MaxValue + 1, start));
        }

        void Skip(Func<char, bool> belongs)
        {
            while (_at < text.Length && belongs(text[_at]))
            {
                _at++;
            }
        }
    }

    private static ulong Whole(string digits, NumberStyles style, ulong most, int start)
        => ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number : throw new CelSyntaxException("Syntax error: the number is too large", start);
}
