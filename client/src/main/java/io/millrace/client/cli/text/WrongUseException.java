package io.millrace.client.cli.text;

/** What the user typed makes no sense, whatever the broker says; the command ends with 2. */
public final class WrongUseException extends CliException {
    private static final long serialVersionUID = 1L;

    public WrongUseException(String message) {
        super(message);
    }
}
