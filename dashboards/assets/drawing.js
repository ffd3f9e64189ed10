// Shows SVG text as a Dash component; see components/drawing.py.
window.airshed_drawings = {
  Drawing: function Drawing(props) {
    return window.React.createElement("div", {
      id: props.id,
      className: props.className,
      dangerouslySetInnerHTML: { __html: props.svg },
    });
  },
};
