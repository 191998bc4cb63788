package io.millrace.bench.report;

/**
 * Something that happened while a line was drawn, and how long it took.
 *
 * @param kind what it was, as {@code GC} or {@code fsync}
 * @param x when it began, on the line's x axis
 * @param durationMs how long it took
 */
public record Mark(String kind, double x, double durationMs) {}
