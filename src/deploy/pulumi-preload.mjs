// Loaded before the Pulumi program, by `nodeargs` of Pulumi.yaml. Pulumi's runner prints every error
// with util.inspect(error, {colors: true}), which on Node 20.20 and 22.22 never returns when a stack
// line ends in "/node_modules/<x>" (nodejs/node#64011), as lines of Pulumi's own source maps do. So
// colours are off here. Plain JavaScript, as it runs before anything that could compile TypeScript.
import util from "node:util";

util.inspect = new Proxy(util.inspect, {
  apply(inspect, self, [value, options, ...legacy]) {
    if (typeof options !== "object" || options === null) {
      // The old form, inspect(value, showHidden, depth, colors).
      return Reflect.apply(inspect, self, [value, options, legacy[0], false]);
    }
    return Reflect.apply(inspect, self, [value, { ...options, colors: false }]);
  },
});
