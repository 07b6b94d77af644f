import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/demo/options.ts';

describe('the command line of the demo', () => {
  it('has a default for everything', () => {
    expect(readCommandLine([])).toEqual({
      run: { domain: 'localhost', port: 5222, directTlsPort: 5223, webPort: 5280, once: false, color: true },
    });
  });

  it('takes all of its options', () => {
    const args = [
      '--domain',
      'IM.Example.com',
      '--port',
      '0',
      '--direct-tls-port',
      '15223',
      '--web-port',
      '15280',
      '--once',
      '--no-color',
    ];
    expect(readCommandLine(args)).toEqual({
      run: { domain: 'im.example.com', port: 0, directTlsPort: 15_223, webPort: 15_280, once: true, color: false },
    });
  });

  it('explains itself', () => {
    const help = readCommandLine(['--help']);
    expect(help).toMatchObject({ exitCode: 0, error: '' });
    for (const option of ['--domain', '--port', '--direct-tls-port', '--web-port', '--once', '--no-color', '--help']) {
      expect('output' in help && help.output).toContain(option);
    }
  });

  it.each([
    [['--port', '65536'], 'A port is a number from 0'],
    [['--port', '-1'], 'A port is a number from 0'],
    [['--direct-tls-port', 'x'], 'A port is a number from 0'],
    [['--domain', 'a b'], 'A domain is a name'],
    [['--domain', 'juliet@localhost'], 'A domain is a name'],
    [['--colour'], "unknown option '--colour'"],
    [['twice'], 'too many arguments'],
  ])('refuses %j and says why', (args, message) => {
    const refused = readCommandLine(args);
    expect(refused).toMatchObject({ exitCode: 1, output: '' });
    expect('error' in refused && refused.error).toContain(message);
  });
});
