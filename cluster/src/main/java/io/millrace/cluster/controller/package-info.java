/**
 * Decides about the cluster: what a command changes, or why it may not. Pure: an image and a
 * command in, records or a refusal out; random numbers come in as arguments.
 */
@NullMarked
package io.millrace.cluster.controller;

import org.jspecify.annotations.NullMarked;
