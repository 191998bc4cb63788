package io.millrace.cluster.metadata;

/**
 * A broker and where clients reach it.
 *
 * @param rack empty if it has none
 */
public record NodeImage(int id, String host, int port, String rack) {}
