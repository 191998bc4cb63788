package io.millrace.bench.micro;

import java.util.List;
import java.util.Map;

/**
 * What JMH found of one benchmark with one set of parameters.
 *
 * @param method the benchmark's method
 * @param parameters by name, in order
 * @param timesNs of one call, one an iteration
 * @param allocatedBytes of one call
 * @param counters of the processor, a call, by name; none where the machine has none
 */
record MicroResult(
        String method,
        Map<String, String> parameters,
        List<Double> timesNs,
        double allocatedBytes,
        Map<String, Double> counters) {}
